/** Converts task losses and metrics to a spec and back, by the options that their registries list. */
import type { Problem } from "../../errors/index.js";
import { type LossSpec, losses } from "../../spec/losses.js";
import { decayOptions, type KnownMetric, type MetricSpec, metrics, type TrainMetricSpec } from "../../spec/metrics.js";
import type { TowerSpec } from "../../spec/model.js";
import { hasOptions, type Option } from "../../spec/option.js";
import { unknownName } from "../../spec/validate/checks.js";
import { isObject, type Json, type JsonObject } from "../../util/json.js";
import { messageType } from "../schema.js";
import { childType, Fields, readFields, writeKind, writeOptions } from "./fields.js";

type ChoiceType = "LossConfig" | "MetricConfig" | "TrainMetricConfig";

const registries: Readonly<Record<ChoiceType, Readonly<Record<string, { readonly options: object }>>>> = {
  LossConfig: losses,
  MetricConfig: metrics,
  TrainMetricConfig: metrics,
};

type Choice = LossSpec | MetricSpec | TrainMetricSpec;

/** The metrics of each tower that TorchEasyRec lacks, by their places, for the `# pepnet:` line. */
export function metricNotes(towers: readonly TowerSpec[]): JsonObject | undefined {
  const noted = towers.flatMap(({ name, metrics: all }) => {
    const places = all.flatMap((metric, place) =>
      writeChoice("MetricConfig", metric) === null ? [[place, metric]] : [],
    );
    return places.length === 0 ? [] : [[name, Object.fromEntries(places)]];
  });
  return noted.length === 0 ? undefined : Object.fromEntries(noted);
}

/** Whether a setting of the `# pepnet:` line has the form of {@link metricNotes}. */
export function isMetricNotes(notes: Json): boolean {
  const isPlace = ([place, metric]: [string, Json]): boolean => {
    if (!/^\d+$/.test(place) || !isObject(metric)) return false;
    const { kind, ...values } = metric;
    return Object.hasOwn(metrics, String(kind)) && hasOptions(values, metrics[kind as KnownMetric["kind"]].options);
  };
  return (
    isObject(notes) && Object.values(notes).every((tower) => isObject(tower) && Object.entries(tower).every(isPlace))
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
  problems.push(...unknown.map((name) => unknownName("# pepnet.metrics", "tower", name, names, "remove it")));
  return towers.map((tower) => {
    if (!Object.hasOwn(noted, tower.name)) return tower;
    const all = [...tower.metrics];
    // JavaScript lists keys that are whole numbers in ascending order.
    for (const [place, metric] of Object.entries(noted[tower.name]!)) all.splice(Number(place), 0, metric);
    return { ...tower, metrics: all };
  });
}

/** Reads a loss or a metric; `null` if the message is empty. */
export function readChoice(type: ChoiceType, config: JsonObject): Choice | null {
  const fields = readFields(config, type);
  const decay = type === "TrainMetricConfig" ? fields.options(decayOptions) : {};
  const [first] = Object.entries(fields.rest()) as [string, JsonObject][];
  if (first === undefined) return null;
  const [field, message] = first;
  const other = { kind: "other" as const, field, config: message, ...decay };
  if (!Object.hasOwn(registries[type], field)) return other;
  const { options } = registries[type][field]! as { readonly options: Readonly<Record<string, Option>> };
  const values = new Fields(message, childType(messageType(type), field)).options(options);
  // An unknown loss or metric is kept, and refused by its name before training.
  const isKnown = Object.entries(options).every(
    ([name, option]) => typeof option.type === "string" || option.type.includes(values[name] as string),
  );
  return isKnown ? ({ kind: field, ...values, ...decay } as Choice) : other;
}

/** The message of a loss or a metric; `null` if TorchEasyRec lacks it. */
export function writeChoice(type: ChoiceType, choice: Choice): JsonObject | null {
  const decay = "decayRate" in choice ? writeOptions(type, choice, decayOptions) : {};
  if (choice.kind === "other") return { [choice.field]: choice.config, ...decay };
  if (!(choice.kind in messageType(type).fields)) return null;
  const { options } = registries[type][choice.kind]!;
  return { ...writeKind<{ readonly kind: string }>(type, choice, { [choice.kind]: options }), ...decay };
}
