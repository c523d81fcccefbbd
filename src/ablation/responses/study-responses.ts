import type { Variant } from "../design/design.js";
import { lookFor, type StudyLook } from "../looks/study-look.js";
import type { FinishedRun } from "../runs/study-run.js";
import type { DrawnMetric } from "../statistics/metric-draws.js";
import type { StudyReport, StudyTask } from "../study-report.js";
import { axesOf, planesOf } from "./axes.js";
import type { PlaceValues } from "./band.js";
import { fitResponse, type StudyResponse } from "./response.js";
import { fitSurface, type StudySurface } from "./surface.js";

export interface ResponseQuestion {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly runs: readonly FinishedRun[];
  readonly tasks: readonly StudyTask[];
  readonly domains: number;
  readonly confidence: StudyReport["confidence"];
  readonly looks: readonly StudyLook[];
}

export interface StudyShapes {
  /** One per numeric setting with three values or more, task, and part of the rows: all, then each domain. */
  readonly responses: readonly StudyResponse[];
  readonly surfaces: readonly StudySurface[];
}

/** The curves and surfaces. All over the same part of the rows share one error. */
export function studyShapes(question: ResponseQuestion): StudyShapes {
  const { model, variants, runs, confidence, looks } = question;
  const trained = new Set(runs.map(({ variant }) => variant));
  const finished = variants.filter((variant) => trained.has(variant));
  const [axes, planes] = [axesOf(model, finished), planesOf(model, finished)];
  const error = (domain: number | null, models: readonly PlacedModel[]): number => {
    const { level, groups } = domain === null ? confidence.overall : confidence.domains;
    return ((1 - level) * shareFor(models, looks)) / groups / (axes.length + planes.length);
  };
  const responses = axes.flatMap(({ levels, path, modelValue }) =>
    parts(question).flatMap(({ task, domain }): StudyResponse[] => {
      const cells = valuesAt(levels, runs, (run) => metricAt(run, task, domain));
      const values = levels.map(({ value }) => value);
      const fit =
        cells && fitResponse({ levels: values, modelValue, ...cells }, error(domain, levels), task.higherIsBetter);
      return fit === null ? [] : [{ ...fit, path, modelValue, tower: task.tower, domain }];
    }),
  );
  const surfaces = planes.flatMap(({ places, paths, modelValues }) =>
    parts(question).flatMap(({ task, domain }): StudySurface[] => {
      const cells = valuesAt(places, runs, (run) => metricAt(run, task, domain));
      const pairs = places.map(({ pair }) => pair);
      const fit = cells && fitSurface({ pairs, modelValues, ...cells }, error(domain, places), task.higherIsBetter);
      return fit === null ? [] : [{ ...fit, paths, modelValues, tower: task.tower, domain }];
    }),
  );
  return { responses, surfaces };
}

function parts({ tasks, domains }: ResponseQuestion): { task: StudyTask; domain: number | null }[] {
  const all = [null, ...Array.from({ length: domains }, (_, domain) => domain)];
  return tasks.flatMap((task) => all.map((domain) => ({ task, domain })));
}

type PlacedModel = { readonly variant: Variant };

/** A curve uses the seeds that all of its models have: those of the first look that stopped one. */
function shareFor(models: readonly PlacedModel[], looks: readonly StudyLook[]): number {
  const ends = new Set(models.map(({ variant }) => lookFor(looks, variant.name)));
  return looks.find((look) => ends.has(look))!.share;
}

function metricAt({ result }: FinishedRun, { tower, metric }: StudyTask, domain: number | null): DrawnMetric | null {
  const task = result.tasks.find((each) => each.tower === tower);
  return (domain === null ? task?.overall : task?.domains[domain])?.[metric] ?? null;
}

/** `null` with fewer than two seeds that all places share, or if the metric is undefined. */
function valuesAt(
  places: readonly PlacedModel[],
  runs: readonly FinishedRun[],
  metric: (run: FinishedRun) => DrawnMetric | null,
): PlaceValues | null {
  const bySeed = places.map(
    ({ variant }) => new Map(runs.filter((run) => run.variant === variant).map((run) => [run.seed, metric(run)])),
  );
  const seeds = [...bySeed[0]!.keys()].filter((seed) => bySeed.every((place) => place.has(seed)));
  const cells = bySeed.map((place) => seeds.map((seed) => place.get(seed) ?? null));
  const defined = cells.every((row) => row.every((cell) => cell !== null && cell.value !== null));
  if (seeds.length < 2 || !defined) return null;
  const count = Math.min(...cells.flat().map((cell) => cell!.draws.length));
  const draws = Array.from({ length: count }, (_, draw) => cells.map((row) => row.map((cell) => cell!.draws[draw]!)));
  return {
    values: cells.map((row) => row.map((cell) => cell!.value!)),
    draws: draws.filter((columns) => columns.flat().every(Number.isFinite)),
  };
}
