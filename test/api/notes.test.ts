/** Notes of a suggested model fit on a screen: one line a kind, silence for what was declared. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { rowNotes } from "../../src/core/data/check/encoded.js";
import type { EncodedData } from "../../src/core/data/encoded/encoded.js";
import { random } from "../../src/core/util/random.js";
import { dataset, idFeature, loadRun, missingFeature, pepnet, rawFeature, suggestModel } from "../../src/index.js";

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

test("parts of a model without effect are findings of check, and notes of trainings and studies", async () => {
  const rows = wide.map(({ n1, n2, y }) => ({ n1: n1 ?? 0, n2: n2 ?? 0, y }));
  const data = await dataset(rows);
  const model = pepnet()
    .features(rawFeature("n1"), rawFeature("n2"))
    .labels("y")
    .group("all", ["n1"])
    .tower("y", (t) => t.label("y").bce().auc())
    .train({ epochs: 1, batchSize: 16 });
  const idle = 'groups.all: features in no group are not used: "n2"; add them to .group("all", […])';
  const run = await model.fit(data, { quiet: true });
  expect(run.notes.filter((note) => note.startsWith(idle))).toHaveLength(1);
  expect(run.findings.map(({ path }) => path)).toContain("groups.all");
  expect((await data.check(model)).warnings.map(({ path }) => path)).toContain("groups.all");
  const variants = { slow: (m: typeof model) => m.train({ epochs: 1, batchSize: 32 }) };
  const study = await model.ablate(data, { variants, seeds: 1, quiet: true, cache: false });
  expect(study.notes.filter((note) => note.startsWith(idle))).toHaveLength(1);
});

test("what a training saw of its rows is in the report of its run, also of one that was saved", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "pepnet-notes-"));
  const data = await dataset(wide.map(({ n1, n2, y }) => ({ n1: 1e6 * Number(n1 ?? 0), n2: n2 ?? 0, y })));
  const model = pepnet()
    .features(rawFeature("n1"), rawFeature("n2"))
    .labels("y")
    .tower("y", (t) => t.label("y").mlp(4).bce().auc())
    .train({ epochs: 1, batchSize: 16 });
  const run = await model.fit(data, { quiet: true });
  const ofRows = run.findings.filter(({ path: place }) => place === "features.n1");
  expect(ofRows.map(({ judge, severity }) => [judge, severity])).toEqual([["unscaled number", "moderate"]]);
  await run.save(path.join(folder, "run"));
  const loaded = await loadRun(path.join(folder, "run"));
  expect(loaded.findings).toEqual(run.findings);
  for (const each of [run, loaded]) {
    const sections = ["summary", "next"] as const;
    const report = await each.report(data, { path: path.join(folder, "report.html"), rows: 200, sections });
    expect(report.findings).toContainEqual(ofRows[0]);
    const html = readFileSync(report.path, "utf8");
    expect(html.split("enters the network unscaled")).toHaveLength(2);
    expect(html).toMatch(/class="verdict">(Usable, with|Not ready: \d serious)/);
  }
  rmSync(folder, { recursive: true });
});

test("a run that was interrupted is not ready, also after it was saved", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "pepnet-notes-"));
  const data = await dataset(wide.map(({ n1, y }) => ({ n1: n1 ?? 0, y })));
  const model = pepnet()
    .features(rawFeature("n1"))
    .labels("y")
    .tower("y", (t) => t.label("y").mlp(4).bce().auc())
    .train({ epochs: 50, batchSize: 16 });
  const controller = new AbortController();
  const onStep = () => controller.abort();
  const run = await model.fit(data, { quiet: true, signal: controller.signal, onStep });
  expect(run.notes.join("\n")).toMatch(/training: interrupted at step \d+; train to the end/);
  await run.save(path.join(folder, "run"));
  const loaded = await loadRun(path.join(folder, "run"));
  expect(loaded.interrupted).toBe(true);
  const report = await loaded.report(data, {
    path: path.join(folder, "report.html"),
    rows: 200,
    sections: ["summary"],
  });
  expect(report.findings[0]).toMatchObject({ judge: "interrupted", severity: "serious" });
  expect(readFileSync(report.path, "utf8")).toContain("Not ready: training was interrupted");
  rmSync(folder, { recursive: true });
});

test("a study notes what the rows show, as a training does", async () => {
  const rows = wide.map(({ n1, y }) => ({ n1: 1e6 * Number(n1 ?? 0), same: 3, y }));
  const data = await dataset(rows);
  const model = pepnet()
    .features(rawFeature("n1"), rawFeature("same"))
    .labels("y")
    .tower("y", (t) => t.label("y").bce().auc())
    .train({ epochs: 1, batchSize: 16 });
  const variants = { slow: (m: typeof model) => m.train({ epochs: 1, batchSize: 32 }) };
  const study = await model.ablate(data, { variants, seeds: 1, quiet: true, cache: false });
  const run = await model.fit(data, { quiet: true });
  for (const notes of [study.notes, run.notes]) {
    expect(notes.join("\n")).toMatch(/features\.n1: enters the network unscaled/);
    expect(notes.join("\n")).toMatch(/features\.same: is the same in every row \(value 3\)/);
  }
});
