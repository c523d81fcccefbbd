/** `pepnet runs`: a table, JSON, and a page of saved runs. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset, idFeature, pepnet, taobaoLike } from "../../../src/index.js";
import { pepnetIn } from "./command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-cli-runs-"));
  const data = await dataset(taobaoLike({ rows: 1000, seed: 5 }).table);
  const model = pepnet()
    .features(idFeature("user_id").buckets(2000).embedding(4))
    .labels("clk")
    .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc());
  const run = await model.fit(data, { epochs: 1 });
  await run.save(path.join(folder, "runs", "first"));
  await run.save(path.join(folder, "runs", "second"));
  await run.dispose();
  await writeFile(path.join(folder, "runs", "second", "run.json"), "{");
});
afterAll(() => rm(folder, { recursive: true }));

describe("pepnet runs", () => {
  it("prints a table, and a JSON object per run, with the reason of one that cannot be read", async () => {
    const { code, out } = await pepnetIn(folder, "runs", "runs");
    expect(code).toBe(0);
    expect(out).toMatch(/run +saved \(UTC\) +steps +ctr AUC/);
    const { out: lines } = await pepnetIn(folder, "runs", "runs", "--json");
    const [first, second] = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({ run: "first", problem: null });
    expect(second).toMatchObject({ run: "second", steps: null });
    expect(second.problem).toMatch(/run\.json/);
  });

  it("writes a page, and refuses to replace another file", async () => {
    const { code, out } = await pepnetIn(folder, "runs", "runs", "-o", "out/runs.html");
    const html = await readFile(path.join(folder, "out/runs.html"), "utf8");
    expect([code, out]).toEqual([0, `saved path=out/runs.html bytes=${Buffer.byteLength(html)} runs=2\n`]);
    await writeFile(path.join(folder, "notes.html"), "mine");
    const refused = await pepnetIn(folder, "runs", "runs", "-o", "notes.html");
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/not a report/);
  });

  it("says what to do in a folder without runs", async () => {
    const { code, err } = await pepnetIn(folder, "runs", "out");
    expect(code).toBe(1);
    expect(err).toMatch(/the folder has no runs[\s\S]*pepnet train/);
  });
});
