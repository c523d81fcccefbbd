/** A plausible study to draw: five variants over four seeds, one of them without EPNet, one without a finished run. */

import { emptySpec } from "../../../src/core/spec/model.js";
import type { History } from "../../../src/core/train/loop/recorder.js";
import { random } from "../../../src/core/util/random.js";
import { studyReport } from "../../../src/lab/ablation/ablate.js";
import type { FinishedRun } from "../../../src/lab/ablation/budget.js";
import type { Variant } from "../../../src/lab/ablation/design.js";
import type { StudyReport } from "../../../src/lab/ablation/study.js";
import { stored } from "../../stored.js";
import { perNames } from "./per-names.js";
import { history } from "./results.js";

const effects: readonly (readonly [name: string, ctr: number, cvr: number])[] = [
  ["the model", 0, 0],
  ["epnet.gamma 1", -0.004, -0.001],
  ["epnet.gamma 4", 0.0006, 0.0012],
  ["ppnet.hidden [256, 128], towers.*.mlp.hidden [64, 32]", 0.009, 0.002],
  ["switches.epnet off", -0.011, -0.012],
  ["train.dense.lr 0.1", 0, 0],
];
const seeds = [1, 2, 3, 4];

/** Where the studies are written: their verdicts take seconds, and six test files draw them. */
const sources = ["lab/charts/study-results.ts", "lab/charts/results.ts"];

/** The study of a model with these domains. */
export const study = perNames((domains) => stored("study", sources, domains, () => makeStudy(domains)));

function makeStudy(domains: readonly string[]): StudyReport {
  const variants = effects.map(([name]): Variant => ({ name, settings: { "epnet.gamma": name }, spec: emptySpec }));
  const runs = variants.slice(0, -1).flatMap((variant, v) => seeds.map((seed) => run(variant, v, seed, domains)));
  const [model, ...others] = variants as [Variant, ...Variant[]];
  const report = studyReport({ model, variants: others, runs, level: 0.95, interrupted: false, notes: [] });
  return rounded(report) as StudyReport;
}

const simpler: readonly (readonly [name: string, ctr: number, cvr: number])[] = [
  ["the model", 0, 0],
  ["logistic regression", -0.012, -0.009],
  ["one network", -0.005, 0.0004],
  ["a model a domain", -0.006, 0.004],
];

/** The study of simpler models: in the second domain they gain what they lose in the others. */
export const studyOfWorth = perNames((domains) => stored("worth", sources, domains, () => makeWorth(domains)));

function makeWorth(domains: readonly string[]): StudyReport {
  const variants = simpler.map(([name]): Variant => ({ name, settings: {}, spec: emptySpec }));
  const runs = variants.flatMap((variant, v) => seeds.map((seed) => run(variant, v, seed, domains, simpler[v])));
  const [model, ...others] = variants as [Variant, ...Variant[]];
  const options = { level: 0.95, domainShare: 0.9, interrupted: false, notes: [] };
  return rounded(studyReport({ model, variants: others, runs, ...options })) as StudyReport;
}

const gammas = [0.5, 1, 2, 4, 8];

/** The study of two gammas varied together, best for ctr near 3 and 1.5, and flat for cvr. */
export const studyOfGammas = perNames((domains) => stored("gammas", sources, domains, () => makeGammas(domains)));

function makeGammas(domains: readonly string[]): StudyReport {
  const grid = gammas.flatMap((epnet) => gammas.map((ppnet) => ({ epnet, ppnet })));
  const all = grid.map(({ epnet, ppnet }) => {
    const settings = { "epnet.gamma": String(epnet), "ppnet.gamma": String(ppnet) };
    const spec = { ...emptySpec, epnet: { gamma: epnet }, ppnet: { gamma: ppnet } } as Variant["spec"];
    const name = `epnet.gamma ${epnet}, ppnet.gamma ${ppnet}`;
    const effect = -0.006 * Math.log(epnet / 3) ** 2 - 0.003 * Math.log(ppnet / 1.5) ** 2;
    return { variant: { name, settings, spec }, effect };
  });
  const model = all.find(({ variant }) => variant.name === "epnet.gamma 2, ppnet.gamma 2")!;
  const runs = all.flatMap(({ variant, effect }, v) =>
    seeds.map((seed) => run(variant, v, seed, domains, [variant.name, effect, 0])),
  );
  const variants = all.filter((each) => each !== model).map(({ variant }) => variant);
  const parts = { variants, runs, level: 0.95, interrupted: false, notes: [] };
  return rounded(studyReport({ model: model.variant, ...parts })) as StudyReport;
}

/** What every run of a study has alike. */
const runHistory = perNames((domains) => history(domains, 4, 4));

function run(
  variant: Variant,
  v: number,
  seed: number,
  domains: readonly string[],
  [, ctr, cvr] = effects[v]!,
): FinishedRun {
  const metric = (base: number, effect: number, part: number) => {
    const source = random(seed).fork(`${part} ${base}`);
    const own = random(seed).fork(`${v} ${part} ${base}`);
    const value = base + 0.004 * source.normal() + effect + 0.0006 * own.normal();
    const draws = Float32Array.from({ length: 40 }, () => value + 0.002 * source.normal() + 0.0003 * own.normal());
    return { auc: { value, draws } };
  };
  const task = (tower: string, base: number, effect: number) => ({
    tower,
    overall: metric(base, effect, 0),
    domains: domains.map((_, d) => metric(base - 0.01, effect * (d === 1 ? -1 : 1), d + 1)),
  });
  return {
    variant,
    seed,
    kept: false,
    result: {
      seed,
      user: "user_id",
      evaluationRows: 12_000,
      domainNames: domains,
      within: { ctr: null, cvr: "clk" },
      tasks: [task("ctr", 0.74, ctr), task("cvr", 0.67, cvr)],
      history: curves(domains, v % effects.length, seed),
      rowsPerSecond: 50_000,
      seconds: 4,
    },
  };
}

/** Four evaluations, each strayed by the seed and moved by the variant's effect. */
function curves(domains: readonly string[], v: number, seed: number): History {
  const of = runHistory(domains);
  const source = random(seed).fork("curves");
  return {
    ...of,
    evaluations: of.evaluations.map((point) => {
      const strayed = 0.006 * source.normal();
      const tasks = point.evaluation.tasks.map((task, t) => {
        const auc = Number((task.overall.auc! + strayed + 2 * effects[v]![t === 0 ? 1 : 2]).toFixed(4));
        return { ...task, overall: { ...task.overall, auc } };
      });
      return { ...point, evaluation: { ...point.evaluation, tasks } };
    }),
  };
}

/** The same study with a domain that has no rows. */
export function withoutDomain(report: StudyReport, domain: number): StudyReport {
  const variants = report.variants.map((variant) => ({
    ...variant,
    tasks: variant.tasks.map((task) => ({
      ...task,
      domains: task.domains.map((cell, d) =>
        d === domain ? { bySeed: cell.bySeed.map(() => null), mean: null, difference: null } : cell,
      ),
    })),
  }));
  return { ...report, variants };
}

/**
 * Logarithms differ in their last digits from one machine to another. Objects that runs share are rounded once, and
 * stay shared.
 */
function rounded(value: unknown, earlier: WeakMap<object, unknown> = new WeakMap()): unknown {
  if (typeof value === "number") return Number(value.toPrecision(8));
  if (typeof value !== "object" || value === null) return value;
  const before = earlier.get(value);
  if (before !== undefined) return before;
  const now = Array.isArray(value)
    ? value.map((member) => rounded(member, earlier))
    : Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member, earlier)]));
  earlier.set(value, now);
  return now;
}
