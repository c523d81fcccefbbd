/** Runs that collapsed: how a study reports them, and its verdicts with and without them. Extra seeds of the model. */
import { expect, test } from "vitest";
import type { AnyModel } from "../../../src/api/model/types.js";
import type { AblationOptions } from "../../../src/api/study/variants.js";
import { random } from "../../../src/core/util/random.js";
import { type ReportParts, studyReport } from "../../../src/lab/ablation/ablate.js";
import type { FinishedRun } from "../../../src/lab/ablation/budget.js";
import type { Variant } from "../../../src/lab/ablation/design.js";
import { studyConclusions } from "../../../src/lab/views/studies/conclusions.js";
import { studyRunsSheet, studySheet } from "../../../src/lab/views/studies/study.js";
import { sheetRecords } from "../../../src/lab/views/view.js";
import { model as planted, rows } from "../gates/planted.js";

const { spec } = planted as AnyModel;
const model: Variant = { name: "the model", settings: {}, spec };
const variant = (name: string): Variant => ({ name, settings: {}, spec });

function run(variant: Variant, seed: number, value: number): FinishedRun {
  const overall = { auc: { value, draws: new Float32Array(20).fill(value) } };
  const result = {
    seed,
    user: null,
    evaluationRows: 100,
    domainNames: [],
    within: {},
    gates: null,
    rowsPerSecond: 1,
    seconds: 1,
    tasks: [{ tower: "ctr", overall, domains: [] }],
    history: { evaluations: [], bestStep: null, points: [] },
  };
  return { variant, seed, kept: false, result: result as unknown as FinishedRun["result"] };
}

/** Runs of a study whose variant `frail` is better by 0.01 unless its training fails, with seeds 3 and 6. */
function parts(failed: readonly number[] = [3, 6], seedsOfModel = 8): ReportParts {
  const source = random(7);
  const [frail, alike] = [variant("frail"), variant("alike")];
  const seeds = Array.from({ length: seedsOfModel }, (_, at) => at + 1);
  const value = (level: number) => level + 0.001 * source.normal();
  const runs = seeds.flatMap((seed) => {
    const alone = [run(model, seed, value(0.74))];
    if (seed > 8) return alone;
    const better = run(frail, seed, failed.includes(seed) ? value(0.503) : value(0.75));
    return [...alone, better, run(alike, seed, value(0.74))];
  });
  return { model, variants: [frail, alike], runs, level: 0.95, interrupted: false, notes: [] };
}

test("the conclusions name collapsed runs, their rate with its interval, and the verdicts without them", () => {
  const report = studyReport(parts());
  const [task] = report.variants[1]!.tasks;
  expect(task!.collapsed!.runs.map(({ seed }) => seed).sort()).toEqual([3, 6]);
  expect(task!.overall.difference!.verdict.kind).toBe("no difference beyond noise");
  expect(task!.collapsed!.difference!.verdict.kind).toBe("better");
  expect(task!.collapsed!.difference!.noise.seeds).toBe(6);
  const text = studyConclusions(report).join("\n");
  expect(text).toMatch(
    /frail collapsed in ctr AUC in 2 of 8 runs \(25%, 95% interval 7% to 59%\): 0\.50\d+ with seed \d/,
  );
  expect(text).toContain("That is about chance: the training never left its start.");
  expect(text).toMatch(
    /Without collapsed runs, in ctr AUC: frail is better \(\+0\.0\d+.*\) instead of no difference beyond/,
  );
});

test("the tables mark collapsed runs; without any, they have no such columns", () => {
  const report = studyReport(parts());
  const records = sheetRecords(studySheet(report));
  expect(records.map(({ collapsed }) => collapsed)).toEqual([0, 2, 0]);
  expect(records[1]).toMatchObject({ verdict_without: "better" });
  const marked = sheetRecords(studyRunsSheet(report)).filter(({ collapsed }) => collapsed === true);
  expect(marked.map(({ seed }) => seed)).toEqual([3, 6]);
  const fine = studyReport(parts([]));
  expect(fine.variants.some(({ tasks }) => tasks[0]!.collapsed !== undefined)).toBe(false);
  expect(Object.keys(sheetRecords(studySheet(fine))[0]!)).not.toContain("collapsed");
  expect(studyConclusions(fine).join("\n")).not.toMatch(/collapsed/i);
});

test("a model's extra seeds count in its mean and in the differences, and make intervals narrower", () => {
  const [few, many] = [studyReport(parts([])), studyReport(parts([], 20))];
  const cell = (report: typeof few, at: number) => report.variants[at]!.tasks[0]!.overall;
  expect(cell(many, 0).bySeed).toHaveLength(20);
  const { mean, bySeed, low, high } = cell(many, 1).difference!;
  expect(bySeed).toHaveLength(8);
  expect(mean).toBeCloseTo(cell(many, 1).mean! - cell(many, 0).mean!, 3);
  const width = ({ low, high }: { low: number | null; high: number | null }) => high! - low!;
  expect(width({ low, high })).toBeLessThan(width(cell(few, 1).difference!));
});

const study = (options: object) =>
  (planted as AnyModel).train({ batchSize: 128, epochs: 1 }).ablate(rows(512, 1, true), {
    variants: { "epnet.gamma": [4] },
    validation: rows(300, 2, true),
    draws: 20,
    quiet: true,
    cache: false,
    ...options,
  } as AblationOptions as Parameters<AnyModel["ablate"]>[1]);

test("modelSeeds trains the model alone with more seeds, after the last of the variants' ", async () => {
  const made = await study({ seeds: [2, 3, 4, 9], modelSeeds: 7 });
  expect(made.variants.map(({ runs }) => runs.map(({ seed }) => seed))).toEqual([
    [2, 3, 4, 9, 10, 11, 12],
    [2, 3, 4, 9],
  ]);
});

test.each([
  [{ modelSeeds: 13 }, /ablate\.modelSeeds: needs a fixed number of seeds[\s\S]*seeds: 5, modelSeeds: 13/],
  [{ seeds: 3, modelSeeds: 13 }, /at least four seeds/],
  [{ seeds: { atMost: 8 }, modelSeeds: 13 }, /needs a fixed number of seeds/],
  [{ seeds: 5, modelSeeds: 13, budget: "1m" }, /no budget/],
  [{ seeds: 5, modelSeeds: 6 }, /≥ 7[\s\S]*at least two more than seeds/],
])("%j is refused", async (options, message) => {
  await expect(study(options)).rejects.toThrow(message);
});
