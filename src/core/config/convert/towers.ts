/** Converts TorchEasyRec's `PEPNet` message to EPNet, PPNet, domains and towers of a spec, and back. */
import type { Problem } from "../../errors/index.js";
import type { TrainMetricSpec } from "../../spec/metrics.js";
import { type DomainsSpec, emptySpec, type ModelSpec, type TowerSpec } from "../../spec/model.js";
import { epnetOptions, mlpOptions, ppnetOptions, taskSpaceOptions, towerOptions } from "../../spec/tables.js";
import { stringLiteral } from "../../util/code-text.js";
import type { JsonObject } from "../../util/json.js";
import { messageType } from "../schema.js";
import { type Fields, mergeExtra, optionFields, writeOptions } from "./fields.js";
import { readChoice, writeChoice } from "./losses.js";

export type PepnetPart = Pick<ModelSpec, "epnet" | "ppnet" | "domains" | "towers" | "switches">;

const path = "model_config.pepnet";

/** Converts the message. Domain names and shared towers, which TorchEasyRec lacks, come from the notes. */
export function readPepnet(pepnet: Fields, notes: JsonObject, problems: Problem[]): PepnetPart {
  const names = (notes["domainNames"] ?? null) as DomainsSpec["names"];
  const shared = notes["sharedTowers"] as Omit<DomainsSpec, "names"> | undefined;
  const apart = readDomains(pepnet, names, problems);
  return {
    epnet: pepnet.options(epnetOptions),
    ppnet: pepnet.options(ppnetOptions),
    domains: apart ?? (shared ? { ...shared, names } : null),
    switches: { ...emptySpec.switches, sharedTowers: apart === null && shared !== undefined },
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
  const least = tower.read("pareto_min_loss_weight", "number");
  const tracked = readChoices<TrainMetricSpec>(tower, "train_metrics", path, problems);
  return {
    ...tower.options(towerOptions),
    mlp: tower.has("mlp") ? tower.child("mlp").options(mlpOptions) : null,
    losses: readChoices(tower, "losses", path, problems),
    metrics: readChoices(tower, "metrics", path, problems),
    // Without an indicator label the two weights have no effect; they are kept unchanged.
    taskSpace: tower.has("task_space_indicator_label") ? tower.options(taskSpaceOptions) : null,
    ...(least !== 0 ? { minWeight: least } : {}),
    ...(tracked.length > 0 ? { trainMetrics: tracked } : {}),
    extra: tower.rest(),
  };
}

function writeTower(tower: TowerSpec): JsonObject {
  const message = writeOptions("TaskTower", tower, towerOptions, {
    metrics: tower.metrics.flatMap((metric) => writeChoice("MetricConfig", metric) ?? []),
    train_metrics: tower.trainMetrics?.flatMap((metric) => writeChoice("TrainMetricConfig", metric) ?? []),
    losses: tower.losses.flatMap((loss) => writeChoice("LossConfig", loss) ?? []),
    pareto_min_loss_weight: tower.minWeight,
    mlp: tower.mlp === null ? undefined : writeOptions("MLP", tower.mlp, mlpOptions),
    ...(tower.taskSpace === null ? {} : optionFields(tower.taskSpace, taskSpaceOptions)),
  });
  return mergeExtra(message, tower.extra, messageType("TaskTower"));
}

const choiceTypes = { losses: "LossConfig", metrics: "MetricConfig", train_metrics: "TrainMetricConfig" } as const;

function readChoices<T>(tower: Fields, field: keyof typeof choiceTypes, path: string, problems: Problem[]): T[] {
  return ((tower.take(field) ?? []) as readonly JsonObject[]).flatMap((config, index) => {
    const choice = readChoice(choiceTypes[field], config);
    if (choice !== null) return [choice as T];
    const [what, example] = field === "losses" ? ["loss", "binary_cross_entropy"] : ["metric", "auc"];
    const expected = `a ${what} such as ${example} {}`;
    problems.push({ path: `${path}.${field}[${index}]`, message: `the ${what} is missing`, received: "{}", expected });
    return [];
  });
}
