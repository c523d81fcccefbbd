/** Compares the variants' runs with the model's in one task: over all rows, by domain, and without collapsed runs. */

import { studentQuantile } from "../../core/metrics/distributions.js";
import type { Estimate } from "../../core/metrics/intervals/normal.js";
import { mean, sampleVariance } from "../../core/util/numbers.js";
import type { FinishedRun } from "./budget.js";
import { collapsedRuns, median } from "./statistics/group-noise.js";
import { type DrawnMetric, type DrawnMetrics, isBetterHigher } from "./statistics/metric-draws.js";
import type { Confidence } from "./statistics/power.js";
import { type Compared, compared, comparedTasks, type Judgement, metricOf } from "./statistics/verdict.js";
import type { StudyCell, StudyReport, StudyTask, VariantTask } from "./study.js";

/** Marks runs that collapsed in a task. If any did, also compares the models without them, by `compare`. */
export function withCollapsed(
  task: StudyTask,
  models: readonly (readonly FinishedRun[])[],
  cells: readonly VariantTask[],
  compare: (left: ReadonlySet<FinishedRun>) => readonly VariantTask[],
): VariantTask[] {
  const defined = models.map((runs) =>
    runs.flatMap((run) => {
      const value = run.result.tasks.find(({ tower }) => tower === task.tower)?.overall[task.metric]?.value ?? null;
      return value === null ? [] : [{ run, seed: run.seed, value }];
    }),
  );
  const values = defined.map((runs) => runs.map(({ value }) => value));
  const places = collapsedRuns(values, task.higherIsBetter);
  const left = new Set(places.flatMap((list, model) => list.map((at) => defined[model]![at]!.run)));
  if (left.size === 0) return [...cells];
  const without = compare(left);
  return cells.map((cell, model) => {
    const runs = places[model]!.map((at) => ({ seed: defined[model]![at]!.seed, value: values[model]![at]! }));
    const siblings = median(values[model]!.filter((_, at) => !places[model]!.includes(at)));
    return { ...cell, collapsed: { runs, siblings, difference: without[model]!.overall.difference } };
  });
}

type MetricOfRun = (run: FinishedRun) => DrawnMetric | undefined;

/** The confidence of comparisons over all rows and by domain; `null`: no such comparisons. */
export interface TaskConfidence {
  readonly overall: Confidence;
  readonly domains: Confidence | null;
}

/** Returns a task per model. @param models the runs of the model itself, then of each variant */
export function comparedTask(
  task: StudyTask,
  models: readonly (readonly FinishedRun[])[],
  confidence: TaskConfidence,
): VariantTask[] {
  const taskIn = ({ result }: FinishedRun) => result.tasks.find(({ tower }) => tower === task.tower);
  const cells = (part: (run: FinishedRun) => DrawnMetrics | undefined, joint: Confidence): StudyCell[] =>
    comparedCells(models, (run) => part(run)?.[task.metric], { ...task, confidence: joint });
  const overall = cells((run) => taskIn(run)?.overall, confidence.overall);
  const joint = confidence.domains;
  const names = models.find(([run]) => run !== undefined)?.[0]?.result.domainNames ?? [];
  const domains = joint === null ? [] : names.map((_, at) => cells((run) => taskIn(run)?.domains[at], joint));
  return models.map((runs, at) => ({
    tower: task.tower,
    overall: overall[at]!,
    domains: runs.length === 0 ? [] : domains.map((domain) => domain[at]!),
  }));
}

function comparedCells(models: readonly (readonly FinishedRun[])[], metric: MetricOfRun, judgement: Judgement) {
  const [model = [], ...variants] = models;
  const comparable = variants.map((runs) => comparedRuns(runs, model, metric));
  const usable = comparable.filter((runs) => runs !== null);
  const differences = compared({ model: bySeed(model, metric), variants: usable }, judgement);
  return models.map((runs, at): StudyCell => {
    const values = runs.map((run) => metric(run)?.value ?? null);
    const defined = values.filter((value) => value !== null);
    const place = usable.indexOf(comparable[at - 1] ?? (null as never));
    return {
      bySeed: values,
      mean: defined.length < values.length || defined.length === 0 ? null : mean(defined),
      difference: differences[place] ?? null,
    };
  });
}

/** The runs whose seeds the model shares; `null` if there are none, or the metric is undefined. */
function comparedRuns(runs: readonly FinishedRun[], model: readonly FinishedRun[], metric: MetricOfRun) {
  const pairs = runs.flatMap((run) => {
    const other = model.find(({ seed }) => seed === run.seed);
    return other === undefined ? [] : [{ run, variant: metric(run), base: metric(other) }];
  });
  const values: number[] = [];
  const draws: number[][] = [];
  for (const { variant, base } of pairs) {
    if (variant?.value == null || base?.value == null) return null;
    values.push(variant.value - base.value);
    draws.push(Array.from(variant.draws, (value, draw) => value - base.draws[draw]!));
  }
  if (values.length === 0) return null;
  const shared = pairs.map(({ run }) => run);
  return { runs: bySeed(shared, metric), paired: { values, draws } };
}

function bySeed(runs: readonly FinishedRun[], metric: MetricOfRun): Map<number, number> {
  return new Map(
    runs.flatMap((run): [number, number][] => {
      const value = metric(run)?.value ?? null;
      return value === null ? [] : [[run.seed, value]];
    }),
  );
}

/** The tasks that are compared. @param runs the model's */
export function studyTasks(runs: readonly [FinishedRun, ...FinishedRun[]], compared: Compared): StudyTask[] {
  const { matters } = compared;
  const [run] = runs;
  return comparedTasks(run, compared).map(({ tower, overall }) => {
    const metric = metricOf(overall, compared.metric);
    return {
      tower,
      within: run.result.within[tower] ?? null,
      metric,
      higherIsBetter: isBetterHigher(metric),
      matters: (typeof matters === "object" ? matters[metric] : matters) ?? null,
      modelAuc: modelAuc(runs, tower),
    };
  });
}

function modelAuc(all: readonly FinishedRun[], tower: string): Estimate | null {
  const aucs = all.map(({ result }) => result.tasks.find((task) => task.tower === tower)?.overall.auc);
  const defined = aucs.flatMap((auc) => (auc?.value == null ? [] : [{ value: auc.value, draws: [...auc.draws] }]));
  if (defined.length === 0) return null;
  const values = defined.map(({ value }) => value);
  const [value, runs] = [mean(values), values.length];
  const byDraw = defined[0]!.draws.map((_, draw) => mean(defined.map(({ draws }) => draws[draw]!)));
  const byRows = 1.96 * Math.sqrt(sampleVariance(byDraw.filter(Number.isFinite)));
  const bySeeds = runs < 2 ? 0 : studentQuantile(0.975, runs - 1) * Math.sqrt(sampleVariance(values) / runs);
  const reach = Math.hypot(byRows, bySeeds);
  return { value, low: value - reach, high: value + reach };
}

/** The default share of the error probability 1 − level for comparisons by domain. */
const usualShare = 0.2;

export function jointConfidence(
  level: number,
  variants: number,
  tasks: number,
  domains: number,
  domainShare: number = usualShare,
): StudyReport["confidence"] {
  const share = domains === 0 ? 0 : domainShare;
  const confidence = (error: number, groups: number): Confidence => ({
    level: 1 - error,
    comparisons: variants * groups,
    groups,
  });
  return {
    overall: confidence((1 - level) * (1 - share), tasks),
    domains: confidence((1 - level) * share, tasks * Math.max(1, domains)),
  };
}
