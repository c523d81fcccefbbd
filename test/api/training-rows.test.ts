/** An evaluation on the rows of the training says so. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { random } from "../../src/core/util/random.js";

const folder = mkdtempSync(path.join(tmpdir(), "training-rows-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rowsOf = (seed: number) => {
  const source = random(seed);
  return Array.from({ length: 400 }, () => {
    const item = Math.floor(source.uniform() * 20);
    return { item, clk: source.uniform() < item / 20 ? 1 : 0 };
  });
};
const model = pepnet()
  .features(idFeature("item").buckets(20).embedding(4))
  .labels("clk")
  .group("all", ["item"])
  .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc());
const note = expect.stringContaining("these are the rows that the run was trained on");

test("in memory and of a saved training, under any name; not on other rows or a part of them", async () => {
  const train = await dataset(rowsOf(1));
  const options = { validation: null, checkpoints: folder, quiet: true, engine: "cpu", steps: 4 } as const;
  const run = await model.fit(train, options);
  expect((await run.evaluate(train)).notes).toContainEqual(note);
  expect((await run.evaluate(rowsOf(2))).notes).not.toContainEqual(note);
  const saved = await loadRun(folder, { engine: "cpu" });
  expect((await saved.evaluate(rowsOf(1))).notes).toContainEqual(note);
  expect((await saved.evaluate(rowsOf(2))).notes).not.toContainEqual(note);
  expect((await saved.evaluate(rowsOf(1).slice(0, 300))).notes).not.toContainEqual(note);
  await Promise.all([run.dispose(), saved.dispose()]);
});
