import type { ModelSpec } from "../spec/model.js";
import { fitResponse, type PlaceValues, type StudyResponse } from "./band.js";
import type { FinishedRun } from "./budget.js";
import type { Variant } from "./design.js";
import type { DrawnMetric } from "./statistics/metric-draws.js";
import type { StudyReport, StudyTask } from "./study.js";
import { lookFor, type StudyLook } from "./study-look.js";
import { fitSurface, type StudySurface } from "./surface.js";

/** One or two settings with the models that differ in them alone. */
interface Places {
  readonly paths: readonly string[];
  readonly places: readonly PlacedModel[];
  readonly modelValues: readonly number[];
}

interface PlacedModel {
  /** [settings] */
  readonly values: readonly number[];
  readonly variant: Variant;
}

const fewestLevels = 3;

/** `null` with fewer than three values of a setting, or if its value in the model is not a number. */
function placesOn(paths: readonly string[], model: Variant, variants: readonly Variant[]): Places | null {
  const modelValues = numbers(paths.map((path) => settingValue(model.spec, path)));
  if (modelValues === null) return null;
  const others = variants.flatMap((variant): PlacedModel[] => {
    const { settings } = variant;
    if (!paths.some((path) => Object.hasOwn(settings, path)) || !differsOnlyIn(paths, variant, model)) return [];
    const values = numbers(
      paths.map((path, axis) => (Object.hasOwn(settings, path) ? numberIn(settings[path]) : modelValues[axis]!)),
    );
    return values === null ? [] : [{ values, variant }];
  });
  const places = [{ values: modelValues, variant: model }, ...others];
  const levels = paths.map((_, axis) => new Set(places.map(({ values }) => values[axis])).size);
  return Math.min(...levels) < fewestLevels ? null : { paths, places, modelValues };
}

function numbers(values: readonly (number | null)[]): number[] | null {
  return values.includes(null) ? null : (values as number[]);
}

function axesOf(model: Variant, variants: readonly Variant[]): Places[] {
  return pathsOf(variants).flatMap((path) => {
    const axis = placesOn([path], model, variants);
    return axis === null ? [] : [{ ...axis, places: [...axis.places].sort((a, b) => a.values[0]! - b.values[0]!) }];
  });
}

export function planesOf(model: Variant, variants: readonly Variant[]): Places[] {
  const paths = pathsOf(variants);
  const pairs = paths.flatMap((first, at) => paths.slice(at + 1).map((second) => [first, second]));
  return pairs.flatMap((pair) => {
    const plane = placesOn(pair, model, variants);
    const isTogether = plane?.places.some(({ values }) => {
      return values.every((value, axis) => value !== plane.modelValues[axis]);
    });
    return plane !== null && isTogether ? [plane] : [];
  });
}

function pathsOf(variants: readonly Variant[]): string[] {
  return [...new Set(variants.flatMap(({ settings }) => Object.keys(settings)))];
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
function settingValue(spec: ModelSpec, path: string): number | null {
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

interface ResponseQuestion {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly runs: readonly FinishedRun[];
  readonly tasks: readonly StudyTask[];
  readonly domains: number;
  readonly confidence: StudyReport["confidence"];
  readonly looks: readonly StudyLook[];
}

/** The curves and surfaces. All over the same part of the rows share one error. */
export function studyShapes(question: ResponseQuestion): Pick<StudyReport, "responses" | "surfaces"> {
  const { model, variants, runs, confidence, looks } = question;
  const trained = new Set(runs.map(({ variant }) => variant));
  const finished = variants.filter((variant) => trained.has(variant));
  const [axes, planes] = [axesOf(model, finished), planesOf(model, finished)];
  const error = (domain: number | null, models: readonly PlacedModel[]): number => {
    const { level, groups } = domain === null ? confidence.overall : confidence.domains;
    return ((1 - level) * shareFor(models, looks)) / groups / (axes.length + planes.length);
  };
  const responses = axes.flatMap(({ places, paths, modelValues }) =>
    parts(question).flatMap(({ task, domain }): StudyResponse[] => {
      const cells = valuesAt(places, runs, (run) => metricAt(run, task, domain));
      const [path, modelValue] = [paths[0]!, modelValues[0]!];
      const levels = places.map(({ values }) => values[0]!);
      const fit = cells && fitResponse({ levels, modelValue, ...cells }, error(domain, places), task.higherIsBetter);
      return fit === null ? [] : [{ ...fit, path, modelValue, tower: task.tower, domain }];
    }),
  );
  const surfaces = planes.flatMap(({ places, ...plane }) =>
    parts(question).flatMap(({ task, domain }): StudySurface[] => {
      const cells = valuesAt(places, runs, (run) => metricAt(run, task, domain));
      const [paths, modelValues] = [plane.paths as [string, string], plane.modelValues as [number, number]];
      const pairs = places.map(({ values }) => values as [number, number]);
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
