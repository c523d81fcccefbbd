/** `suggestDomain` on data sets as people have them. */
import { expect, test } from "vitest";
import { type Dataset, dataset, suggestDomain, suggestModel } from "../../src/index.js";
import { modelSize } from "../../src/nn/plan/size.js";
import { plantedLog } from "./planted.js";
import { nullWorld } from "./worlds.js";

const log = plantedLog(3, "slopes", 0.02, 12_000);
const planted = log.planted!;
/** Domains by name, so that towers are read from text; a time in seconds. */
const columns = {
  ...Object.fromEntries(
    log.fields.map(({ name, codes }) => {
      const scores = log.scores.get(name);
      return [name, Array.from(scores ?? codes, (value) => (name === planted ? `d${value}` : value))];
    }),
  ),
  ts: Array.from(log.units.times!, (millis) => Math.floor(millis / 1000)),
};
const units = { user: "user", item: "item", time: "ts" } as const;
const open = (more: Record<string, unknown[]> = {}): Promise<Dataset> =>
  dataset({ ...columns, y: Array.from(log.labels), ...more } as Record<string, (string | number)[]>);

test("names the pair, and lists what it left out", { timeout: 120_000 }, async () => {
  const rows = log.labels.length;
  const data = await open({
    constant: Array(rows).fill("a"),
    same: Array.from(log.labels),
    text: Array.from({ length: rows }, (_, row) => `t${row}`),
  });
  const suggested = await suggestDomain(data, { label: "y", ...units });
  expect(suggested.named).toBe(planted);
  expect(suggested.candidates.map(({ name }) => name)).not.toContain("user");
  const [first] = suggested.candidates;
  const partner = first!.fields[0]!.field;
  expect(["price", "dwell", "tenure"]).toContain(partner);
  expect(first!.fields[0]!.kind).toBe("slope");
  expect(first!.gain.low).toBeGreaterThan(0);
  expect(suggested.parameters.get(planted)).toBeGreaterThan(0);
  expect(Object.fromEntries(suggested.leftOut.map(({ column, reason }) => [column, reason]))).toMatchObject({
    constant: expect.stringContaining("constant"),
    same: expect.stringContaining("disguise"),
    text: expect.stringContaining("per row"),
  });
  const { title } = await suggested.chart();
  expect(title).toContain(`${planted} and ${partner} change together: AUC +`);
  expect(title).toContain("statistics cannot tell which of the two is the domain");
  expect(suggested.rows()[0]).toMatchObject({
    column: planted,
    changes: expect.stringContaining(partner),
    says: `changes together with ${partner}, and gains most`,
  });
  expect(suggested.notes).toEqual([]);
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
  const declared = (await suggestModel(data, { labels: ["y"], user: "user", domain: planted })).model.spec;
  expect(added.denseParameters).toBe(modelSize(declared).denseParameters);
  await expect(suggested.ablate(other, data, { columns: ["copi"] })).rejects.toThrow(/candidate.*copy/s);
});

test("the study's models are those that suggestModel builds", { timeout: 300_000 }, async () => {
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
    const declared = modelSize((await model("place")).spec).denseParameters;
    expect(weights(variants, "domain place")).toBe(declared);
    expect(weights(variants, "domain place") - weights(variants, "the model")).toBe(suggested.parameters.get("place"));
    // The random column has as many values; it is a feature more.
    expect(weights(variants, "domain at random")).toBeGreaterThan(0.9 * declared);
    expect(weights(variants, "domain at random")).toBeLessThan(1.1 * declared);
  }
});

test("a model's own choice of towers stays in the study", { timeout: 300_000 }, async () => {
  const data = await open();
  const suggested = await suggestDomain(data, { label: "y", candidates: [planted, "copy"] });
  const { model } = await suggestModel(data, { labels: ["y"], domain: "copy" });
  const apart = model.switches({ sharedTowers: false }).train({ steps: 1 });
  const options = { seeds: 1, quiet: true, cache: false, columns: [planted] } as const;
  const { variants } = await suggested.ablate(apart, data, options);
  const values = suggested.candidates.find(({ name }) => name === planted)!.values;
  const tower = modelSize(model.spec).denseParameters;
  expect(variants.find(({ name }) => name === `domain ${planted}`)!.denseParameters).toBeGreaterThan(
    tower * (values / 2),
  );
});

test("without a time, pairs with users cannot be told, and a note says what would help", {
  timeout: 120_000,
}, async () => {
  const data = await open();
  const { notes, candidates } = await suggestDomain(data, { label: "y", user: "user", item: "item" });
  expect(notes).toEqual([
    expect.stringMatching(/with "user": cannot be told without a time.*\{ time: "ts" \} names it/),
  ]);
  expect(notes[0]).toContain(`"${planted}"`);
  expect(candidates[0]).toMatchObject({ name: planted, says: "named" });
  expect((await suggestDomain(data, { label: "y" })).notes).toEqual([
    expect.stringContaining("rows count as independent"),
  ]);
});

test("a part of a calendar that comes once cannot be told from drift", { timeout: 120_000 }, async () => {
  const world = nullWorld("drift", 3);
  const { user, category, position, time, weekday, "day of month": day } = world.columns;
  const all = { user, category, position, time, weekday, day, label: world.label };
  const data = await dataset(Object.fromEntries(Object.entries(all).map(([name, values]) => [name, [...values!]])));
  const suggested = await suggestDomain(data, { label: "label", user: "user", time: "time" });
  expect(suggested.rows().find(({ column }) => column === "day")).toMatchObject({
    says: "does not recur in these 28 days: its change cannot be told from drift",
    changes: "",
    adjusted_p_value: 1,
  });
  expect(suggested.rows().find(({ column }) => column === "weekday")).toMatchObject({ says: "no change beyond noise" });
  expect((await suggested.chart()).title).toMatch(/^None of \d columns changes what others mean beyond noise/);
});

test("names what is wrong", async () => {
  const data = await open();
  await expect(suggestDomain(data, { label: "z" })).rejects.toThrow('column "z"');
  await expect(suggestDomain(data, {} as never)).rejects.toThrow('{ label: "clk" }');
  await expect(suggestDomain(data, { label: "y", candidates: ["copi"] })).rejects.toThrow("copy");
  await expect(suggestDomain(data, { label: "y", candidates: ["price"], rows: 0 })).rejects.toThrow("rows");
  await expect(suggestDomain(data, { label: "y", session: "sessions" })).rejects.toThrow('column "sessions"');
  await expect(suggestDomain(data, { label: "y", time: planted })).rejects.toThrow(
    /time: column ".*": these values are not times[\s\S]*strptime/,
  );
});

test("sessions that users share are an error whose fix works", { timeout: 120_000 }, async () => {
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

test("a time that is the same in all rows, and a user in each row, are notes", { timeout: 120_000 }, async () => {
  const rows = log.labels.length;
  const data = await open({
    now: Array<number>(rows).fill(1_700_000_000),
    row: Array.from({ length: rows }, (_, row) => `r${row}`),
  });
  const once = await suggestDomain(data, { label: "y", user: "user", time: "now" });
  expect(once.notes.join("\n")).toContain('column "now" has one time in all rows');
  const alone = await suggestDomain(data, { label: "y", user: "row" });
  expect(alone.over).toBeNull();
  expect(alone.notes[0]).toContain('user: column "row" is not used: a value per row');
});

test("of many rows some are drawn, and a note says so", { timeout: 120_000 }, async () => {
  const suggested = await suggestDomain(await open(), { label: "y", ...units, rows: 9000 });
  expect(suggested.rowCount).toBe(9000);
  expect(suggested.notes).toEqual([expect.stringContaining("9,000 of 12,000 rows, drawn at random")]);
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

test("the roles of the data are the units, and an option overrides them", { timeout: 120_000 }, async () => {
  const data = await open();
  const screened = async (rows: Dataset, options: object = {}) =>
    (await suggestDomain(rows, { label: "y", ...options })).facts;
  const named = await screened(data, units);
  expect(await screened(await data.roles(units))).toEqual(named);
  expect(await screened(await data.roles({ user: "item", item: "user" }), units)).toEqual(named);
  expect(await screened(data)).not.toEqual(named);
});
