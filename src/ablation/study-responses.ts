import type { ModelSpec } from "../spec/model.js";
import { fitResponse, type PlaceValues, type StudyResponse } from "./band.js";
import type { FinishedRun } from "./budget.js";
import type { Variant } from "./design.js";
import type { DrawnMetric } from "./statistics/metric-draws.js";
import type { StudyReport, StudyTask } from "./study.js";
import { lookFor, type StudyLook } from "./study-look.js";
import { fitSurface, type SettingPair, type StudySurface } from "./surface.js";

export interface AxisLevel {
  readonly value: number;
  readonly variant: Variant;
}

/** A setting with the models that differ in it alone, in ascending order. */
export interface Axis {
  readonly path: string;
  readonly levels: readonly AxisLevel[];
  readonly modelValue: number;
}

const fewestLevels = 3;

/** The axes of a study's models. A setting whose value in the model is not a number has no curve. */
export function axesOf(model: Variant, variants: readonly Variant[]): Axis[] {
  const paths = new Set(variants.flatMap(({ settings }) => Object.keys(settings)));
  return [...paths].flatMap((path): Axis[] => {
    const modelValue = settingValue(model.spec, path);
    if (modelValue === null) return [];
    const others = variants.flatMap((variant): AxisLevel[] => {
      const value = numberIn(variant.settings[path]);
      return value === null || !differsOnlyIn([path], variant, model) ? [] : [{ value, variant }];
    });
    const levels = [{ value: modelValue, variant: model }, ...others].sort((a, b) => a.value - b.value);
    return levels.length < fewestLevels ? [] : [{ path, levels, modelValue }];
  });
}

export interface PlanePlace {
  readonly pair: SettingPair;
  readonly variant: Variant;
}

export interface Plane {
  readonly paths: readonly [string, string];
  readonly places: readonly PlanePlace[];
  readonly modelValues: SettingPair;
}

export function planesOf(model: Variant, variants: readonly Variant[]): Plane[] {
  const paths = [...new Set(variants.flatMap(({ settings }) => Object.keys(settings)))];
  const pairs = paths.flatMap((first, at) => paths.slice(at + 1).map((second) => [first, second] as const));
  return pairs.flatMap((pair): Plane[] => {
    const [x, y] = pair.map((path) => settingValue(model.spec, path));
    if (x == null || y == null) return [];
    const others = variants.flatMap((variant): PlanePlace[] => {
      const value = (path: string, inModel: number) =>
        Object.hasOwn(variant.settings, path) ? numberIn(variant.settings[path]) : inModel;
      const [first, second] = [value(pair[0], x), value(pair[1], y)];
      if (first === null || second === null || !differsOnlyIn(pair, variant, model)) return [];
      return [{ pair: [first, second], variant }];
    });
    const places = [{ pair: [x, y] as const, variant: model }, ...others];
    const together = others.some(({ pair: [first, second] }) => first !== x && second !== y);
    const levels = ([0, 1] as const).map((axis) => new Set(places.map((place) => place.pair[axis])).size);
    return together && Math.min(...levels) >= fewestLevels ? [{ paths: pair, places, modelValues: [x, y] }] : [];
  });
}

function differsOnlyIn(paths: readonly string[], { name, settings }: Variant, model: Variant): boolean {
  const named = Object.entries(settings).map(([other, value]) => `${other} ${value}`);
  // A change under a name of its own may do more than its settings say.
  if (name !== named.join(", ")) return false;
  return Object.entries(settings).every(([other, text]) => {
    return paths.includes(other) || (numberIn(text) !== null && numberIn(text) === settingValue(model.spec, other));
  });
}

function numberIn(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The number at `path`, such as `epnet.gamma` or `towers.*.weight`; `null`: not one number. */
export function settingValue(spec: ModelSpec, path: string): number | null {
  const [root = "", ...rest] = path.split(".");
  const values = new Set(at(root === "train" ? spec.training : (spec as unknown as Members)[root], rest));
  const [value] = values;
  return values.size === 1 && typeof value === "number" ? value : null;
}

type Members = Readonly<Record<string, unknown>>;

function at(value: unknown, path: readonly string[]): unknown[] {
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  if (typeof value !== "object" || value === null) return [null];
  if (!Array.isArray(value)) return at((value as Members)[name], rest);
  const entries = (value as Members[]).filter((entry) => name === "*" || entry["name"] === name);
  return entries.flatMap((entry) => at(entry, rest));
}

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
