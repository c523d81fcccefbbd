/** The column of the domains: a feature as TorchEasyRec encodes it, or a label alone. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PepnetError } from "../../src/core/errors/index.js";
import { type AnyModel, idFeature, pepnet } from "../../src/index.js";
import { parquetRows } from "../core/bridge/columns.js";

const rows = Array.from({ length: 64 }, (_, row) => ({ user: row % 7, scene: row % 3, clk: row % 2 }));
const tower = (model: unknown): AnyModel => (model as AnyModel).tower("ctr", (t) => t.label("clk").mlp(4).bce());
const user = idFeature("user").buckets(7).embedding(4);
const cases: readonly [string, AnyModel][] = [
  ["a label alone", tower(pepnet().features(user).labels("clk", "scene").domains("scene", 3))],
  [
    "a hashed feature",
    tower(pepnet().features(user, idFeature("scene").hash(50).embedding(4)).labels("clk").domains("scene", 3)),
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-domains-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(cases)("%s selects the tower", (_, model) => {
  it("in training, in metrics and in predictions, and survives a config", async () => {
    const run = await model.fit(rows, { steps: 2, validation: null, quiet: true });
    const { tasks } = await run.evaluate(rows);
    expect(tasks[0]!.domains.map((domain) => domain.rows)).toEqual([22, 21, 21]);
    const predicted = await (await run.predict(rows)).head(3);
    expect(predicted.every((row) => Number.isFinite(row["probs_ctr"]))).toBe(true);
    await run.dispose();
    expect(pepnet.fromConfig(model.toConfig()).spec).toEqual(model.spec);
  });

  it("whose values are others is refused by row", async () => {
    const wrong = rows.map((row, index) => (index === 5 ? { ...row, scene: 3 } : row));
    const error = await model.fit(wrong, { steps: 1, quiet: true }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PepnetError);
    expect((error as PepnetError).message).toMatch(/row 5.*column "scene"/);
  });
});

it("an unknown column is refused with the names that exist", () => {
  expect(() => (pepnet().features(user).labels("clk") as unknown as AnyModel).domains("clkk", 2)).toThrow(
    /unknown feature or label "clkk"[\s\S]*did you mean "clk"/,
  );
});

describe("an export", () => {
  it("has the domains in a column of their own if they are a label alone", async () => {
    const out = path.join(folder, "label");
    await cases[0]![1].exportTorchEasyRec(rows, { folder: out, validation: null, shuffle: false });
    const written = await parquetRows(path.join(out, "train.parquet"));
    expect(written.map((row) => Number(row["scene"]))).toEqual(rows.map((row) => row.scene));
    expect(await readFile(path.join(out, "pipeline.config"), "utf8")).toMatch(/label_fields: \["clk", "scene"\]/);
  });

  it("has them beside the feature's rows, in a column of another name", async () => {
    const out = path.join(folder, "hashed");
    await cases[1]![1].exportTorchEasyRec(rows, { folder: out, validation: null, shuffle: false });
    const written = await parquetRows(path.join(out, "train.parquet"));
    expect(written.map((row) => Number(row["scene_domain"]))).toEqual(rows.map((row) => row.scene));
    expect(new Set(written.map((row) => `${row["scene"]} ${row["scene_domain"]}`)).size).toBe(3);
    expect(await readFile(path.join(out, "pipeline.config"), "utf8")).toContain('domain_input_name: "scene_domain"');
  });
});
