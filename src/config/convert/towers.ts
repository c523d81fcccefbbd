/** Converts `PEPNet` to EPNet, PPNet, domains and towers of a spec, and back. */
import type { Problem } from "../../errors/index.js";
import { type LossSpec, losses } from "../../spec/losses/index.js";
import { type KnownMetric, type MetricSpec, metrics } from "../../spec/metrics/index.js";
import type { DomainsSpec, ModelSpec, TowerSpec } from "../../spec/model.js";
import { hasOptions, type Option } from "../../spec/option.js";
import { epnetOptions, mlpOptions, ppnetOptions, taskSpaceOptions, towerOptions } from "../../spec/tables.js";
import { unknownName } from "../../spec/validate/checks.js";
import { stringLiteral } from "../../util/near.js";
import { isObject, type Json, type JsonObject } from "../../util/random.js";
import { messageType } from "../schema.js";
import { childType, Fields, mergeExtra, optionFields, writeKind, writeOptions } from "./fields.js";

export type PepnetPart = Pick<ModelSpec, "epnet" | "ppnet" | "domains" | "towers">;

const path = "model_config.pepnet";

/** Converts the message; domain names are not part of TorchEasyRec and come from the notes. */
export function readPepnet(pepnet: Fields, domainNames: readonly string[] | null, problems: Problem[]): PepnetPart {
  return {
    epnet: pepnet.options(epnetOptions),
    ppnet: pepnet.options(ppnetOptions),
    domains: readDomains(pepnet, domainNames, problems),
    towers: pepnet
      .items("task_towers")
      .map((tower, index) => readTower(tower, `${path}.task_towers[${index}]`, problems)),
  };
}

export function writePepnet({ epnet, ppnet, domains, towers }: PepnetPart): JsonObject {
  return {
    ...writeOptions("PEPNet", epnet, epnetOptions),
    ...writeOptions("PEPNet", ppnet, ppnetOptions, {
      domain_input_name: domains?.column,
      task_domain_num: domains?.count,
      task_towers: towers.map(writeTower),
    }),
  };
}

/** The domain column and the number of domains require each other. */
function readDomains(pepnet: Fields, names: readonly string[] | null, problems: Problem[]): DomainsSpec | null {
  const column = pepnet.read("domain_input_name", "optional text");
  const written = pepnet.has("task_domain_num");
  const count = pepnet.read("task_domain_num", "number");
  if (column === null) {
    if (count !== 1) problems.push(halfDomains("domain_input_name", `task_domain_num: ${count}`));
    return null;
  }
  if (!written) problems.push(halfDomains("task_domain_num", `domain_input_name: ${stringLiteral(column)}`));
  return { column, count, names };
}

function halfDomains(missing: string, present: string): Problem {
  return {
    path: `${path}.${missing}`,
    message: "domains need both a column and a number",
    received: `only ${present}`,
    expected: `also ${missing}`,
    fix: missing === "task_domain_num" ? "task_domain_num: 3 for values 0, 1 and 2" : 'domain_input_name: "…"',
  };
}

function readTower(tower: Fields, path: string, problems: Problem[]): TowerSpec {
  return {
    ...tower.options(towerOptions),
    mlp: tower.has("mlp") ? tower.child("mlp").options(mlpOptions) : null,
    losses: readChoices(tower.take("losses"), readLoss, `${path}.losses`, "loss", problems),
    metrics: readChoices(tower.take("metrics"), readMetric, `${path}.metrics`, "metric", problems),
    // Without an indicator label the two weights have no effect; they are kept unchanged.
    taskSpace: tower.has("task_space_indicator_label") ? tower.options(taskSpaceOptions) : null,
    extra: tower.rest(),
  };
}

function writeTower(tower: TowerSpec): JsonObject {
  const message = writeOptions("TaskTower", tower, towerOptions, {
    metrics: tower.metrics.flatMap((metric) => writeMetric(metric) ?? []),
    losses: tower.losses.flatMap((loss) => writeLoss(loss) ?? []),
    mlp: tower.mlp === null ? undefined : writeOptions("MLP", tower.mlp, mlpOptions),
    ...(tower.taskSpace === null ? {} : optionFields(tower.taskSpace, taskSpaceOptions)),
  });
  return mergeExtra(message, tower.extra, messageType("TaskTower"));
}

function readChoices<T>(
  configs: Json | undefined,
  read: (config: JsonObject) => T | null,
  path: string,
  what: string,
  problems: Problem[],
): T[] {
  return ((configs ?? []) as readonly JsonObject[]).flatMap((config, index) => {
    const choice = read(config);
    if (choice !== null) return [choice];
    const expected = what === "loss" ? "a loss such as binary_cross_entropy {}" : "a metric such as auc {}";
    problems.push({ path: `${path}[${index}]`, message: `the ${what} is missing`, received: "{}", expected });
    return [];
  });
}

/** Converts task losses and metrics to a spec and back, by the options that their registries list. */

type Registry = Readonly<Record<string, { readonly options: object }>>;

export function readLoss(config: JsonObject): LossSpec | null {
  return read(losses, config, "LossConfig") as LossSpec | null;
}

export function readMetric(config: JsonObject): MetricSpec | null {
  return read(metrics, config, "MetricConfig") as MetricSpec | null;
}

export function writeLoss(loss: LossSpec): JsonObject | null {
  return write(losses, loss, "LossConfig");
}

export function writeMetric(metric: MetricSpec): JsonObject | null {
  return write(metrics, metric, "MetricConfig");
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

function read(registry: Registry, config: JsonObject, type: string): object | null {
  const [first] = Object.entries(config) as [string, JsonObject][];
  if (first === undefined) return null;
  const [field, message] = first;
  const other = { kind: "other", field, config: message };
  if (!Object.hasOwn(registry, field)) return other;
  const { options } = registry[field]! as { readonly options: Readonly<Record<string, Option>> };
  const values = new Fields(message, childType(messageType(type), field)).options(options);
  // An unknown choice is kept, and refused by its name before training.
  const isKnown = Object.entries(options).every(
    ([name, option]) => typeof option.type === "string" || option.type.includes(values[name] as string),
  );
  return isKnown ? { kind: field, ...values } : other;
}

function write(registry: Registry, choice: LossSpec | MetricSpec, type: string): JsonObject | null {
  if (choice.kind === "other") return { [choice.field]: choice.config };
  if (!(choice.kind in messageType(type).fields)) return null;
  return writeKind<{ readonly kind: string }>(type, choice, { [choice.kind]: registry[choice.kind]!.options });
}
