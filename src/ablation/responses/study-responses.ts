/** The response curves of a study: by numeric setting, task, and domain. */
import type { Variant } from "../design/design.js";
import type { FinishedRun } from "../runs/study-run.js";
import type { DrawnMetric } from "../statistics/metric-draws.js";
import type { StudyReport, StudyTask } from "../study-report.js";
import { type Axis, axesOf } from "./axes.js";
import { fitResponse, type ResponseRuns, type StudyResponse } from "./response.js";

/** What the curves are fitted to. */
export interface ResponseQuestion {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly runs: readonly FinishedRun[];
  readonly tasks: readonly StudyTask[];
  readonly domains: number;
  readonly confidence: StudyReport["confidence"];
}

/** One per numeric setting with three values or more, task, and part of the rows: all, then each domain. */
export function studyResponses(question: ResponseQuestion): StudyResponse[] {
  const { model, variants, runs, tasks, domains, confidence } = question;
  const trained = new Set(runs.map(({ variant }) => variant));
  const axes = axesOf(
    model,
    variants.filter((variant) => trained.has(variant)),
  );
  const parts = [null, ...Array.from({ length: domains }, (_, domain) => domain)];
  return axes.flatMap((axis) =>
    tasks.flatMap((task) =>
      parts.flatMap((domain) => {
        const { level, groups } = domain === null ? confidence.overall : confidence.domains;
        const values = responseRuns(axis, runs, (run) => metricAt(run, task, domain));
        if (values === null) return [];
        const fit = fitResponse(values, (1 - level) / groups / axes.length, task.higherIsBetter);
        return [{ ...fit, path: axis.path, modelValue: axis.modelValue, tower: task.tower, domain }];
      }),
    ),
  );
}

function metricAt({ result }: FinishedRun, { tower, metric }: StudyTask, domain: number | null): DrawnMetric | null {
  const task = result.tasks.find((each) => each.tower === tower);
  return (domain === null ? task?.overall : task?.domains[domain])?.[metric] ?? null;
}

/** `null` with fewer than two seeds that all levels share, or if the metric is undefined. */
function responseRuns(
  { levels, modelValue }: Axis,
  runs: readonly FinishedRun[],
  metric: (run: FinishedRun) => DrawnMetric | null,
): ResponseRuns | null {
  const bySeed = levels.map(
    ({ variant }) => new Map(runs.filter((run) => run.variant === variant).map((run) => [run.seed, metric(run)])),
  );
  const seeds = [...bySeed[0]!.keys()].filter((seed) => bySeed.every((level) => level.has(seed)));
  const cells = bySeed.map((level) => seeds.map((seed) => level.get(seed) ?? null));
  const defined = cells.every((row) => row.every((cell) => cell !== null && cell.value !== null));
  if (seeds.length < 2 || !defined) return null;
  const count = Math.min(...cells.flat().map((cell) => cell!.draws.length));
  const draws = Array.from({ length: count }, (_, draw) => cells.map((row) => row.map((cell) => cell!.draws[draw]!)));
  return {
    levels: levels.map(({ value }) => value),
    modelValue,
    values: cells.map((row) => row.map((cell) => cell!.value!)),
    draws: draws.filter((columns) => columns.flat().every(Number.isFinite)),
  };
}
