/** Converts `PEPNet` to EPNet, PPNet, domains and towers of a spec, and back. */
import type { Problem } from "../../errors/index.js";
import type { MlpSpec } from "../../spec/mlp.js";
import type { DomainsSpec, ModelSpec, TaskSpaceSpec, TowerSpec } from "../../spec/model.js";
import { stringLiteral } from "../../util/near.js";
import type { Json, JsonObject } from "../../util/random.js";
import { messageType } from "../schema.js";
import { compact, type Fields, mergeExtra } from "./fields.js";
import { readLoss, readMetric, writeLoss, writeMetric } from "./losses.js";

/** The parts of a spec from `model_config.pepnet`. */
export type PepnetPart = Pick<ModelSpec, "epnet" | "ppnet" | "domains" | "towers">;

const path = "model_config.pepnet";

/** Converts the message; domain names are not part of TorchEasyRec and come from the notes. */
export function readPepnet(pepnet: Fields, domainNames: readonly string[] | null, problems: Problem[]): PepnetPart {
  return {
    epnet: { hidden: pepnet.optionalNumber("epnet_hidden_unit"), gamma: pepnet.number("epnet_gamma") },
    ppnet: {
      hidden: pepnet.numbers("ppnet_hidden_units"),
      activation: pepnet.text("ppnet_activation"),
      dropout: pepnet.numbers("ppnet_dropout_ratio"),
      gamma: pepnet.number("ppnet_gamma"),
    },
    domains: readDomains(pepnet, domainNames, problems),
    towers: pepnet
      .items("task_towers")
      .map((tower, index) => readTower(tower, `${path}.task_towers[${index}]`, problems)),
  };
}

/** Returns the message of a spec. */
export function writePepnet({ epnet, ppnet, domains, towers }: PepnetPart): JsonObject {
  const implied = {
    epnet_gamma: epnet.gamma,
    ppnet_hidden_units: ppnet.hidden,
    ppnet_activation: ppnet.activation,
    ppnet_dropout_ratio: ppnet.dropout,
    ppnet_gamma: ppnet.gamma,
  };
  const explicit = {
    epnet_hidden_unit: epnet.hidden,
    domain_input_name: domains?.column,
    task_domain_num: domains?.count,
    task_towers: towers.map(writeTower),
  };
  return compact("PEPNet", implied, explicit);
}

/** The domain column and the number of domains require each other. */
function readDomains(pepnet: Fields, names: readonly string[] | null, problems: Problem[]): DomainsSpec | null {
  const column = pepnet.optionalText("domain_input_name");
  const written = pepnet.has("task_domain_num");
  const count = pepnet.number("task_domain_num");
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

/** Converts `TaskTower` and its `MLP` to a spec and back. */

/** Converts one tower; problems contain its path. */
export function readTower(tower: Fields, path: string, problems: Problem[]): TowerSpec {
  return {
    name: tower.text("tower_name"),
    label: tower.text("label_name"),
    numClass: tower.number("num_class"),
    mlp: tower.has("mlp") ? readMlp(tower.child("mlp")) : null,
    losses: readChoices(tower.take("losses"), readLoss, `${path}.losses`, "loss", problems),
    metrics: readChoices(tower.take("metrics"), readMetric, `${path}.metrics`, "metric", problems),
    weight: tower.number("weight"),
    sampleWeight: tower.optionalText("sample_weight_name"),
    taskSpace: readTaskSpace(tower),
    extra: tower.rest(),
  };
}

/** Returns the tower as `TaskTower`. */
export function writeTower(tower: TowerSpec): JsonObject {
  const { taskSpace } = tower;
  const implied = {
    num_class: tower.numClass,
    weight: tower.weight,
  };
  const explicit = {
    tower_name: tower.name,
    label_name: tower.label,
    metrics: tower.metrics.flatMap((metric) => writeMetric(metric) ?? []),
    losses: tower.losses.flatMap((loss) => writeLoss(loss) ?? []),
    mlp: tower.mlp === null ? undefined : writeMlp(tower.mlp),
    sample_weight_name: tower.sampleWeight,
    task_space_indicator_label: taskSpace?.indicatorLabel,
    in_task_space_weight: taskSpace?.inWeight,
    out_task_space_weight: taskSpace?.outWeight,
  };
  return mergeExtra(compact("TaskTower", implied, explicit), tower.extra, messageType("TaskTower"));
}

/** Converts an `MLP`. */
export function readMlp(mlp: Fields): MlpSpec {
  return {
    hidden: mlp.numbers("hidden_units"),
    dropout: mlp.numbers("dropout_ratio"),
    activation: mlp.text("activation"),
    batchNorm: mlp.flag("use_bn"),
    layerNorm: mlp.flag("use_ln"),
    bias: mlp.flag("bias"),
  };
}

/** Returns the layers as `MLP`. */
export function writeMlp(mlp: MlpSpec): JsonObject {
  return compact("MLP", {
    hidden_units: mlp.hidden,
    dropout_ratio: mlp.dropout,
    activation: mlp.activation,
    use_bn: mlp.batchNorm,
    bias: mlp.bias,
    use_ln: mlp.layerNorm,
  });
}

/** Without an indicator label the two weights have no effect; they are kept unchanged. */
function readTaskSpace(tower: Fields): TaskSpaceSpec | null {
  const indicatorLabel = tower.optionalText("task_space_indicator_label");
  if (indicatorLabel === null) return null;
  return {
    indicatorLabel,
    inWeight: tower.number("in_task_space_weight"),
    outWeight: tower.number("out_task_space_weight"),
  };
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
