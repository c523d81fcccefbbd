/** `suggestDomain` on data sets as people have them. */
import { expect, test } from "vitest";
import { type Dataset, dataset, suggestDomain, suggestModel } from "../../src/index.js";
import { modelSize } from "../../src/nn/plan/size.js";
import { plantedLog } from "./planted.js";

const log = plantedLog(3, "slopes", 0.02, 12_000);
const planted = log.planted!;
/** Domains by name, so that towers are read from text. */
const columns = Object.fromEntries(
  log.fields.map(({ name, codes }) => [name, Array.from(codes, (code) => (name === planted ? `d${code}` : code))]),
);
const open = (more: Record<string, unknown[]> = {}): Promise<Dataset> =>
  dataset({ ...columns, y: Array.from(log.labels), ...more } as Record<string, (string | number)[]>);

test("names the column with its field, and lists the random column and what it left out", {
  timeout: 120_000,
}, async () => {
  const rows = log.labels.length;
  const data = await open({
    constant: Array(rows).fill("a"),
    same: Array.from(log.labels),
    text: Array.from({ length: rows }, (_, row) => `t${row}`),
  });
  const suggested = await suggestDomain(data, { label: "y", user: "user", item: "item" });
  expect(suggested.named).toBe(planted);
  expect(suggested.candidates.map(({ name }) => name)).toContain("random column");
  expect(suggested.candidates.map(({ name }) => name)).not.toContain("user");
  const [first] = suggested.candidates;
  expect(["price", "dwell", "tenure"]).toContain(first!.fields[0]!.field);
  expect(first!.gain.low).toBeGreaterThan(0);
  expect(suggested.parameters.get(planted)).toBeGreaterThan(0);
  expect(Object.fromEntries(suggested.leftOut.map(({ column, reason }) => [column, reason]))).toMatchObject({
    constant: expect.stringContaining("constant"),
    same: expect.stringContaining("disguise"),
    text: expect.stringContaining("per row"),
  });
  expect((await suggested.chart()).title).toContain(`${planted} changes what other columns mean`);
  expect(suggested.rows()[0]).toMatchObject({ column: planted, says: expect.stringContaining("gains most") });
});

test.each([{}, { user: "user", item: "item" }])(
  "a domain costs the weights that a suggested model has for it: %o",
  async (keys) => {
    const data = await open();
    const suggested = await suggestDomain(data, { label: "y", candidates: [planted], ...keys });
    const weights = async (domain?: string): Promise<number> =>
      modelSize((await suggestModel(data, { labels: ["y"], domain, ...keys })).model.spec).denseParameters;
    expect(suggested.parameters.get(planted)).toBe((await weights(planted)) - (await weights()));
  },
  120_000,
);

test("the study has the named column, no domain and a random one, over all rows", { timeout: 300_000 }, async () => {
  const data = await open();
  const suggested = await suggestDomain(data, {
    label: "y",
    user: "user",
    item: "item",
    candidates: [planted, "copy"],
  });
  const other = (await suggestModel(data, { labels: ["y"], user: "user" })).model;
  const options = { seeds: 1, quiet: true, cache: false } as const;
  const made = await suggested.ablate(other.train({ steps: 20 }), data, options);
  expect(made.variants.map(({ name }) => name)).toEqual(["the model", `domain ${planted}`, "domain at random"]);
  const withOther = (await suggestModel(data, { labels: ["y"], user: "user", domain: "copy" })).model.train({
    steps: 20,
  });
  const again = await suggested.ablate(withOther, data, options);
  expect(again.variants.map(({ name }) => name)).toEqual([
    "the model",
    `domain ${planted}`,
    "no domain",
    "domain at random",
  ]);
  expect(again.domainNames).toEqual([]);
  const fields = other.spec.features.map(({ name }) => name).filter((name) => name !== planted);
  const bare = other.keep(fields).train({ steps: 1 });
  const added = (await suggested.ablate(bare, data, { ...options, columns: [planted] })).variants[1]!;
  const declared = (await suggestModel(data, { labels: ["y"], user: "user", domain: planted })).model.spec;
  expect(added.denseParameters).toBe(modelSize(declared).denseParameters);
  await expect(suggested.ablate(other, data, { columns: ["copi"] })).rejects.toThrow(/candidate.*copy/s);
});

test("names what is wrong", async () => {
  const data = await open();
  await expect(suggestDomain(data, { label: "z" })).rejects.toThrow('column "z"');
  await expect(suggestDomain(data, {} as never)).rejects.toThrow('{ label: "clk" }');
  await expect(suggestDomain(data, { label: "y", candidates: ["copi"] })).rejects.toThrow("copy");
  await expect(suggestDomain(data, { label: "y", candidates: ["price"], rows: 0 })).rejects.toThrow("rows");
});

test("a candidate with gaps is screened; a study names the rows to remove", async () => {
  const all = await (await open()).toRows();
  const data = await dataset(all.map((row, at) => ({ ...row, copy: at % 50 === 0 ? null : (row["copy"] as number) })));
  const suggested = await suggestDomain(data, { label: "y", candidates: [planted, "copy"] });
  expect(suggested.rows().map(({ column }) => column)).toEqual(expect.arrayContaining([planted, "copy"]));
  const other = (await suggestModel(data, { labels: ["y"] })).model.train({ steps: 1 });
  const study = suggested.ablate(other, data, { seeds: 1, quiet: true, cache: false, columns: ["copy"] });
  await expect(study).rejects.toThrow(/domain "copy" has no value[\s\S]*remove such rows/);
});

test("few rows: cannot be told", async () => {
  const data = await (await open()).sample(1000);
  const suggested = await suggestDomain(data, { label: "y", user: "user" });
  expect(suggested.named).toBeNull();
  expect((await suggested.chart()).title).toContain("cannot be told with 1,000 rows");
});
