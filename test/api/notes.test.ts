/** Notes of a suggested model fit on a screen: one line a kind, silence for what was declared. */
import { expect, test } from "vitest";
import { rowNotes } from "../../src/data/check/encoded.js";
import type { EncodedData } from "../../src/data/encoded/encoded.js";
import { dataset, idFeature, missingFeature, pepnet, rawFeature, suggestModel } from "../../src/index.js";
import { random } from "../../src/util/random.js";

const source = random(8);
/** Thirty ids with rare values, and ten numbers with gaps. */
const wide = Array.from({ length: 1500 }, () => {
  const ids = Array.from({ length: 30 }, (_, at) => [`id${at}`, `v${Math.floor(200 * source.uniform() ** 6)}`]);
  const numbers = Array.from({ length: 10 }, (_, at) => [`n${at}`, source.uniform() < 0.1 ? null : source.normal()]);
  return { ...Object.fromEntries([...ids, ...numbers]), y: source.integer(2) } as Record<string, unknown>;
});

test("a suggested model on forty columns with rare and missing values has at most eight notes", async () => {
  const { train, held } = await (await dataset(wide)).split({ train: 8, held: 2 }, { leaks: null });
  const { model } = await suggestModel(train, { labels: ["y"] });
  const run = await model.fit(train, { validation: held, epochs: 1, quiet: true });
  expect(run.notes.length).toBeLessThanOrEqual(8);
  expect(run.notes.join("\n")).toMatch(
    /training data: 30 columns: value outside the vocabulary[^\n]*, in \S+% of the rows, most in "id\d+", as minCount intends/,
  );
  expect(run.notes.join("\n")).not.toContain("no value");
  const evaluation = await run.evaluate(held);
  expect(evaluation.notes.length).toBeLessThanOrEqual(3);
});

const base = pepnet().features(rawFeature("price"), idFeature("city").vocab().embedding(2)).labels("y");
const { spec } = base.tower("y", (t) => t.label("y").bce().auc());
const rows = (found: readonly { column: string; rows: number; message: string }[], judge = "no value"): EncodedData => {
  const none = new Map();
  const warnings = found.map((each) => ({
    severity: "minor" as const,
    judge,
    path: `column "${each.column}"`,
    ...each,
  }));
  return { rows: 200, features: none, labels: none, sampleWeights: none, domains: null, warnings };
};

test("a problem of one column has its count, of several columns the range of their shares", () => {
  const price = { column: "price", rows: 20, message: "no value: the default, 0" };
  expect(rowNotes("data", rows([price]), spec)).toEqual(['data, column "price": no value: the default, 0 (20 rows)']);
  const ids = [4, 60].map((count, at) => {
    return { column: `c${at}`, rows: count, message: `id outside 0 … ${at}, mapped to row ${at}` };
  });
  expect(rowNotes("data", rows([price, ...ids]), spec)).toEqual([
    'data, column "price": no value: the default, 0 (20 rows)',
    'data: 2 columns: id outside 0 … 0, in 2.0%–30% of the rows, most in "c1"',
  ]);
});

test("missing numbers are silent if an indicator marks them, and only these", () => {
  const { spec: marked } = base.features(missingFeature("price")).tower("y", (t) => t.label("y").bce().auc());
  const price = { column: "price", rows: 20, message: "no value: the default, 0" };
  const city = { column: "city", rows: 3, message: "no value: a zero vector" };
  expect(rowNotes("data", rows([price, city]), marked)).toEqual([
    'data, column "city": no value: a zero vector (3 rows)',
  ]);
  expect(rowNotes("data", rows([price, city]), spec)).toHaveLength(2);
});

test("check is silent about them too", async () => {
  const data = await dataset(wide.map(({ n0, id0, y }) => ({ n0, id0, y })));
  const plain = pepnet().labels("y").features(rawFeature("n0"), idFeature("id0").vocab().embedding(2));
  const tower = (model: typeof plain) => model.tower("y", (t) => t.label("y").bce().auc());
  const texts = async (model: typeof plain) => JSON.stringify((await data.check(tower(model))).findings);
  expect(await texts(plain)).toContain("no value");
  expect(await texts(plain.features(missingFeature("n0")) as never)).not.toContain("no value");
});

test("few positives have the interval of their AUC", async () => {
  const few = wide.map((row, at) => ({ ...row, y: at % 100 === 0 ? 1 : 0 }));
  const model = pepnet()
    .features(rawFeature("n1").default(0))
    .labels("y")
    .tower("rare", (t) => t.label("y").bce().auc());
  const { notes } = await model.fit(few.slice(0, 1000), { validation: few.slice(1000), epochs: 2, quiet: true });
  const note = notes.find((each) => each.startsWith("rare: only 5 positives in 500 rows"));
  const [low, high] = /between (\S+) and (\S+) \(95%\)/.exec(note!)!.slice(1).map(Number);
  expect(high! - low!).toBeGreaterThan(0.2);
  const enough = wide.map((row, at) => ({ ...row, y: at % 4 === 0 ? 1 : 0 }));
  const run = await model.fit(enough.slice(0, 1000), { validation: enough.slice(1000), epochs: 2, quiet: true });
  expect(run.notes.join()).not.toMatch(/only \d+ positives/);
});
