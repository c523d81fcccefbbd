/** Responses of a study: how each metric changes over the values of each numeric setting. */
import type { ModelSpec } from "../../core/spec/model.js";
import { getOrMake } from "../../core/util/growing.js";
import { mean } from "../../core/util/numbers.js";
import type { FinishedRun } from "./budget.js";
import { type Variant, valueText } from "./design.js";
import { fitResponse, type LevelDifference, type LevelRuns, noDifference, type StudyResponse } from "./response.js";
import type { DrawnMetric } from "./statistics/metric-draws.js";
import type { StudyCell, StudyReport, StudyTask } from "./study.js";
import { lookFor, type StudyLook } from "./study-look.js";

interface Axis extends Pick<StudyResponse, "path" | "modelValue" | "averaged"> {
  readonly levels: readonly number[];
  /** [blocks][levels]: models of one block differ in the setting alone. The model is in the first. */
  readonly blocks: readonly (readonly Variant[])[];
}

const fewestLevels = 3;
/** The key of the block whose other settings have the model's values. */
const modelBlock = JSON.stringify([]);

/** The axis of a setting; `null` with fewer than three values, or if the model's value is not a number. */
export function axisOf(path: string, model: Variant, variants: readonly Variant[]): Axis | null {
  const modelValue = numberIn(textAt(model.spec, path));
  if (modelValue === null) return null;
  const blocks = new Map([[modelBlock, new Map<number, Variant>()]]);
  for (const variant of [model, ...variants.filter(isNamedBySettings)]) {
    const text = variant.settings[path];
    const value = text === undefined ? modelValue : numberIn(text);
    const block = JSON.stringify(otherSettings(path, variant, model));
    if (value !== null) getOrMake(blocks, block, () => new Map<number, Variant>()).set(value, variant);
  }
  const levels = [...blocks.get(modelBlock)!.keys()].sort((a, b) => a - b);
  if (levels.length < fewestLevels) return null;
  const whole = [...blocks.values()].filter((block) => levels.every((level) => block.has(level)));
  const tables = whole.map((block) => levels.map((level) => block.get(level)!));
  const averaged = new Set(
    tables
      .flat()
      .flatMap((variant) => otherSettings(path, variant, model))
      .map(([name]) => name),
  );
  return { path, modelValue, levels, blocks: tables, averaged: [...averaged] };
}

/** Whether the settings describe everything that the variant changes; a custom change may do more. */
function isNamedBySettings({ name, settings }: Variant): boolean {
  return (
    name ===
    Object.entries(settings)
      .map((setting) => setting.join(" "))
      .join(", ")
  );
}

/** The settings besides `path` that differ from the model's. */
function otherSettings(path: string, { settings }: Variant, model: Variant): [name: string, text: string][] {
  const others = Object.entries(settings).filter(([name, text]) => {
    return name !== path && text !== textAt(model.spec, name);
  });
  return others.sort(([a], [b]) => (a < b ? -1 : 1));
}

function numberIn(text: string | null): number | null {
  const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The value at `path`, such as `epnet.gamma` or `towers.*.weight`, as text; `null`: not one value. */
function textAt(spec: ModelSpec, path: string): string | null {
  const [root = "", ...rest] = path.split(".");
  const values = at(root === "train" ? spec.training : (spec as unknown as Members)[root], rest);
  const texts = new Set(values.map((value) => (value == null ? null : valueText(value))));
  return texts.size === 1 ? [...texts][0]! : null;
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
  cellOf(variant: Variant, task: StudyTask, domain: number | null): StudyCell | undefined;
}

/**
 * Returns a response per numeric setting, task and domain. Where other settings have the model's values, differences
 * are those of the study's comparisons, so the two agree. In a grid they are of means over the other settings' values.
 * These and the trends share the error of the comparisons once more.
 */
export function studyResponses(question: ResponseQuestion): StudyResponse[] {
  const { model, variants, runs, tasks, domains, confidence, looks } = question;
  const trained = new Set(runs.map(({ variant }) => variant));
  const finished = variants.filter((variant) => trained.has(variant));
  const paths = [...new Set(finished.flatMap(({ settings }) => Object.keys(settings)))];
  const axes = paths.map((path) => axisOf(path, model, finished)).filter((axis) => axis !== null);
  const parts = tasks.flatMap((task) => [null, ...Array(domains).keys()].map((domain) => ({ task, domain })));
  return axes.flatMap((axis) =>
    parts.flatMap(({ task, domain }): StudyResponse[] => {
      const { path, modelValue, averaged } = axis;
      const levels = levelRuns(axis, runs, (run) => metricAt(run, task, domain));
      const alone =
        axis.blocks.length > 1
          ? undefined
          : aloneDifferences(axis, (variant) => question.cellOf(variant, task, domain));
      if (levels === null || alone === null) return [];
      const { level, groups } = domain === null ? confidence.overall : confidence.domains;
      // A response uses the seeds that all of its models have: those of the first look that stopped one.
      const { blocks } = axis;
      const ends = new Set(blocks.flat().map(({ name }) => lookFor(looks, name)));
      const error = ((1 - level) * looks.find((look) => ends.has(look))!.share) / groups / axes.length;
      const fit = fitResponse(levels, error, task.higherIsBetter, alone);
      return [{ ...fit, path, modelValue, tower: task.tower, domain, averaged }];
    }),
  );
}

/** The difference of each level from the model's; `null` if one is not known. */
function aloneDifferences({ blocks, levels, modelValue }: Axis, cellOf: (variant: Variant) => StudyCell | undefined) {
  const differences = blocks[0]!.flatMap((variant, level): LevelDifference[] => {
    if (levels[level] === modelValue) return [noDifference];
    const { mean = 0, low = null, high = null } = cellOf(variant)?.difference ?? {};
    return low === null || high === null ? [] : [{ mean, low, high }];
  });
  return differences.length < levels.length ? null : differences;
}

function metricAt({ result }: FinishedRun, { tower, metric }: StudyTask, domain: number | null): DrawnMetric | null {
  const task = result.tasks.find((each) => each.tower === tower);
  return (domain === null ? task?.overall : task?.domains[domain])?.[metric] ?? null;
}

/** Means over the blocks; `null` with fewer than two seeds that all models share, or if the metric is undefined. */
function levelRuns(
  { blocks, levels, modelValue }: Axis,
  runs: readonly FinishedRun[],
  metric: (run: FinishedRun) => DrawnMetric | null,
): LevelRuns | null {
  const bySeed = new Map(
    blocks.flat().map((variant) => {
      return [variant, new Map(runs.filter((run) => run.variant === variant).map((run) => [run.seed, metric(run)]))];
    }),
  );
  const all = [...bySeed.values()];
  const seeds = [...all[0]!.keys()].filter((seed) => all.every((cells) => cells.has(seed)));
  const cells = seeds.flatMap((seed) => all.map((each) => each.get(seed) ?? null));
  if (seeds.length < 2 || cells.some((cell) => cell === null || cell.value === null)) return null;
  const over = (value: (cell: DrawnMetric) => number): number[][] =>
    levels.map((_, level) =>
      seeds.map((seed) => mean(blocks.map((block) => value(bySeed.get(block[level]!)!.get(seed)!)))),
    );
  const count = Math.min(...cells.map((cell) => cell!.draws.length));
  const draws = Array.from({ length: count }, (_, draw) => over((cell) => cell.draws[draw]!));
  return {
    levels,
    modelValue,
    values: over((cell) => cell.value!),
    draws: draws.filter((table) => table.flat().every(Number.isFinite)),
  };
}
