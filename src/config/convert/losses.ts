/** Converts task losses and metrics to a spec and back, by the options that their registries list. */
import type { Problem } from "../../errors/index.js";
import type { OptionType } from "../../spec/choice.js";
import { type KnownLoss, type LossSpec, losses } from "../../spec/losses/index.js";
import { type KnownMetric, type MetricSpec, metrics } from "../../spec/metrics/index.js";
import type { TowerSpec } from "../../spec/model.js";
import { show } from "../../spec/validate/checks.js";
import { didYouMean, listNames } from "../../util/near.js";
import { isObject, type Json, type JsonObject } from "../../util/random.js";
import { snakeCase } from "../../util/text.js";
import { compact, type Fields, readFields } from "./fields.js";

/** What conversion reads of a registry's entry. */
interface Entry {
  readonly message: string | null;
  readonly options: Readonly<Record<string, OptionType>>;
}

type Registry = Readonly<Record<string, Entry>>;

/** Converts a `LossConfig`; `null` if it has no loss. */
export function readLoss(config: JsonObject): LossSpec | null {
  return read(losses, config) as LossSpec | null;
}

/** Converts a `MetricConfig`; `null` if it has no metric. */
export function readMetric(config: JsonObject): MetricSpec | null {
  return read(metrics, config) as MetricSpec | null;
}

/** Returns the loss as `LossConfig`; `null`: TorchEasyRec lacks it. */
export function writeLoss(loss: LossSpec): JsonObject | null {
  return loss.kind === "other" ? { [loss.field]: loss.config } : write(losses[loss.kind], loss);
}

/** Returns the metric as `MetricConfig`; `null`: TorchEasyRec lacks it. */
export function writeMetric(metric: MetricSpec): JsonObject | null {
  return metric.kind === "other" ? { [metric.field]: metric.config } : write(metrics[metric.kind], metric);
}

/** The metrics of each tower that TorchEasyRec lacks, by their places: what the `# pepnet:` line keeps. */
export function metricNotes(towers: readonly TowerSpec[]): JsonObject | undefined {
  const noted = towers.flatMap(({ name, metrics: all }) => {
    const places = all.flatMap((metric, place) => (writeMetric(metric) === null ? [[place, metric]] : []));
    return places.length === 0 ? [] : [[name, Object.fromEntries(places)]];
  });
  return noted.length === 0 ? undefined : Object.fromEntries(noted);
}

/** Whether a setting of the `# pepnet:` line has the form of {@link metricNotes}. */
export function isMetricNotes(notes: Json): boolean {
  const isPlace = ([place, metric]: [string, Json]): boolean =>
    /^\d+$/.test(place) &&
    isObject(metric) &&
    typeof metric["kind"] === "string" &&
    Object.hasOwn(metrics, metric["kind"]) &&
    isMetricSpec(metric, metrics[metric["kind"] as KnownMetric["kind"]]);
  return (
    isObject(notes) && Object.values(notes).every((tower) => isObject(tower) && Object.entries(tower).every(isPlace))
  );
}

function isMetricSpec(metric: JsonObject, { options }: Entry): boolean {
  const fits = (value: Json | undefined, type: OptionType): boolean => {
    if (typeof type !== "string") return type.includes(value as string);
    if (type === "optional number" && value === null) return true;
    return typeof value === { text: "string", flag: "boolean", number: "number", "optional number": "number" }[type];
  };
  const isKnown = (name: string): boolean => name === "kind" || Object.hasOwn(options, name);
  return (
    Object.keys(metric).every(isKnown) && Object.entries(options).every(([name, type]) => fits(metric[name], type))
  );
}

/** Towers with the metrics of the `# pepnet:` line; a tower that it names and the config lacks is a problem. */
export function withMetricNotes(
  towers: readonly TowerSpec[],
  notes: Json | undefined,
  problems: Problem[],
): readonly TowerSpec[] {
  if (notes === undefined || !isMetricNotes(notes)) return towers;
  const noted = notes as unknown as Readonly<Record<string, Readonly<Record<string, KnownMetric>>>>;
  const names = towers.map(({ name }) => name);
  const unknown = Object.keys(noted).filter((name) => !names.includes(name));
  problems.push(
    ...unknown.map((name) => ({
      path: "# pepnet.metrics",
      message: `unknown tower "${name}"`,
      received: show(name),
      expected: `one of ${listNames(names)}`,
      fix: didYouMean(name, names) ?? "remove it",
    })),
  );
  return towers.map((tower) => {
    if (!Object.hasOwn(noted, tower.name)) return tower;
    const all = [...tower.metrics];
    // JavaScript lists keys that are whole numbers in ascending order.
    for (const [place, metric] of Object.entries(noted[tower.name]!)) all.splice(Number(place), 0, metric);
    return { ...tower, metrics: all };
  });
}

function read(registry: Registry, config: JsonObject): JsonObject | null {
  const [first] = Object.entries(config) as [string, JsonObject][];
  if (first === undefined) return null;
  const [field, message] = first;
  const entry = Object.hasOwn(registry, field) ? registry[field] : undefined;
  const other = { kind: "other", field, config: message };
  if (entry === undefined || entry.message === null) return other;
  const fields = readFields(message, entry.message);
  const values: Record<string, Json> = { kind: field };
  for (const [name, type] of Object.entries(entry.options)) {
    const value = readOption(fields, snakeCase(name), type);
    // An unknown choice is kept, and refused by its name before training.
    if (typeof type !== "string" && !type.includes(value as string)) return other;
    values[name] = value;
  }
  return values;
}

function readOption(fields: Fields, field: string, type: OptionType): Json {
  if (type === "number") return fields.number(field);
  if (type === "optional number") return fields.optionalNumber(field);
  return type === "flag" ? fields.flag(field) : fields.text(field);
}

function write({ message, options }: Entry, spec: KnownLoss | KnownMetric): JsonObject | null {
  if (message === null) return null;
  const values = Object.entries(options).map(([name, type]) => ({
    field: snakeCase(name),
    value: (spec as unknown as JsonObject)[name],
    optional: type === "optional number",
  }));
  const part = (optional: boolean): Record<string, Json | undefined> =>
    Object.fromEntries(values.filter((each) => each.optional === optional).map(({ field, value }) => [field, value]));
  return { [spec.kind]: compact(message, part(false), part(true)) };
}
