/** `suggestDomain` on data sets as people have them. */
import { expect, test } from "vitest";
import type { AnyModel } from "../../../src/api/model/types.js";
import { modelSize } from "../../../src/core/nn/plan/size.js";
import { type Dataset, dataset, suggestDomain, suggestModel } from "../../../src/index.js";
import { log, open, planted, units } from "./planted-data.js";

/** Of the model as it is trained: a number of few values has few pieces. */
const weightsOf = async (model: AnyModel, data: Dataset): Promise<number> =>
  modelSize((await model.fitFeatures(data)).spec).denseParameters;

test.each([{}, { user: "user", item: "item" }])(
  "a domain costs the weights that a suggested model has for it: %o",
  async (keys) => {
    const data = await open();
    const suggested = await suggestDomain(data, { label: "y", candidates: [planted], ...keys });
    const weights = async (domain?: string): Promise<number> =>
      modelSize((await suggestModel(data, { labels: ["y"], domain, ...keys })).model.spec).denseParameters;
    expect(suggested.parameters.get(planted)).toBe((await weights(planted)) - (await weights()));
  },
);

test("the study has the named column, no domain and a random one, over all rows", async () => {
  const data = await open();
  const suggested = await suggestDomain(data, { label: "y", ...units, candidates: [planted, "copy"] });
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
  const declared = (await suggestModel(data, { labels: ["y"], user: "user", domain: planted })).model;
  expect(added.denseParameters).toBe(await weightsOf(declared, data));
  await expect(suggested.ablate(other, data, { columns: ["copi"] })).rejects.toThrow(/candidate.*copy/s);
});

test("the study's models are those that suggestModel builds", async () => {
  // 40 values: a tower each would be most of the weights, and a small table without PPNet has one for all.
  const data = await open({ place: Array.from(log.labels, (_, row) => `p${(row * 7919) % 40}`) });
  const options = { seeds: 1, quiet: true, cache: false, columns: ["place"] } as const;
  for (const keys of [{}, { user: "user", item: "item" }]) {
    const suggested = await suggestDomain(data, { label: "y", candidates: ["place"], ...keys });
    const model = async (domain?: string) => (await suggestModel(data, { labels: ["y"], domain, ...keys })).model;
    const bare = (await model()).train({ steps: 1 });
    const weights = (variants: readonly { readonly name: string; readonly denseParameters: number }[], name: string) =>
      variants.find((variant) => variant.name === name)!.denseParameters;
    const { variants } = await suggested.ablate(bare, data, options);
    const declared = await weightsOf(await model("place"), data);
    expect(weights(variants, "domain place")).toBe(declared);
    expect(weights(variants, "domain place") - weights(variants, "the model")).toBe(suggested.parameters.get("place"));
    // The random column has as many values; it is a feature more.
    expect(weights(variants, "domain at random")).toBeGreaterThan(0.9 * declared);
    expect(weights(variants, "domain at random")).toBeLessThan(1.1 * declared);
  }
});

test("a model's own choice of towers stays in the study", async () => {
  const data = await open();
  const suggested = await suggestDomain(data, { label: "y", candidates: [planted, "copy"] });
  const { model } = await suggestModel(data, { labels: ["y"], domain: "copy" });
  const apart = model.switches({ sharedTowers: false });
  const options = { seeds: 1, quiet: true, cache: false, columns: [planted] } as const;
  const studied = async (chosen: AnyModel): Promise<number> => {
    const { variants } = await suggested.ablate(chosen.train({ steps: 1 }), data, options);
    return variants.find(({ name }) => name === `domain ${planted}`)!.denseParameters;
  };
  // A tower each instead of one for all: as many more as the domain has values, of the same weights.
  const more = (domain: string): number => suggested.candidates.find(({ name }) => name === domain)!.values - 1;
  const tower = ((await weightsOf(apart, data)) - (await weightsOf(model, data))) / more("copy");
  expect(tower).toBeGreaterThan(0);
  expect((await studied(apart)) - (await studied(model))).toBe(tower * more(planted));
});

test("without a time, pairs with users cannot be told, and a note says what would help", async () => {
  const data = await open();
  const { notes, candidates } = await suggestDomain(data, { label: "y", user: "user", item: "item" });
  expect(notes).toEqual([
    expect.stringMatching(/with "user": cannot be told without a time.*\{ time: "ts" \} names it/),
  ]);
  expect(notes[0]).toContain(`"${planted}"`);
  expect(candidates[0]).toMatchObject({ name: planted, says: "named" });
  expect((await suggestDomain(data, { label: "y", candidates: [planted] })).notes).toEqual([
    expect.stringContaining("rows count as independent"),
  ]);
});

test("a user of a quarter of the rows is left out of the tests, and a note says so", async () => {
  const all = await (await open()).toRows();
  const data = await dataset(all.map((row, at) => ({ ...row, user: at % 4 === 0 ? -1 : (row["user"] as number) })));
  const { notes, candidates, heavy } = await suggestDomain(data, { label: "y", ...units });
  expect(heavy).toEqual({ column: "user", units: 1, share: 0.25 });
  expect(notes).toEqual([
    '1 value of "user" has 25% of the rows: one piece of evidence with the weight of many, it is left out of the tests',
  ]);
  expect(candidates[0]).toMatchObject({ name: planted, says: "named" });
});

test("sessions that users share are an error whose fix works", async () => {
  const numbers = Array.from(log.units.times!, (millis) => Math.floor((millis - 1.7e12) / 86_400_000));
  const data = await open({ visit: numbers });
  const call = suggestDomain(data, { label: "y", ...units, session: "visit" });
  await expect(call).rejects.toThrow(/session: column "visit": sessions are shared by users/);
  const fix = /data\.derive\((\{.*?\})\)/.exec(String(await call.catch((error: Error) => error.message)))![1]!;
  const derived = await data.derive(new Function(`return ${fix}`)() as Record<string, string>);
  const suggested = await suggestDomain(derived, { label: "y", ...units, session: "user_session" });
  expect(suggested.named).toBe(planted);
  expect(suggested.units).toEqual(["user", "item", "user_session"]);
  expect(suggested.candidates.map(({ name }) => name)).not.toContain("user_session");
});

test("a time that is the same in all rows, and a user in each row, are notes", async () => {
  const rows = log.labels.length;
  const data = await open({
    now: Array<number>(rows).fill(1_700_000_000),
    row: Array.from({ length: rows }, (_, row) => `r${row}`),
  });
  const candidates = [planted];
  const once = await suggestDomain(data, { label: "y", user: "user", time: "now", candidates });
  expect(once.notes.join("\n")).toContain('column "now" has one time in all rows');
  const alone = await suggestDomain(data, { label: "y", user: "row", candidates });
  expect(alone.over).toBeNull();
  expect(alone.notes[0]).toContain('user: column "row" is not used: a value per row');
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

test("the roles of the data are the units, and an option overrides them", async () => {
  const data = await open();
  const screened = async (rows: Dataset, options: object = {}) =>
    (await suggestDomain(rows, { label: "y", candidates: [planted, "copy"], ...options })).facts;
  const named = await screened(data, units);
  expect(await screened(await data.roles(units))).toEqual(named);
  expect(await screened(await data.roles({ user: "item", item: "user" }), units)).toEqual(named);
  expect(await screened(data)).not.toEqual(named);
});
