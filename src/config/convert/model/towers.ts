/**
 * Converts `TaskTower` and its `MLP` to a spec and back.
 */
import type { Problem } from "../../../errors/index.js";
import type { MlpSpec, TaskSpaceSpec, TowerSpec } from "../../../spec/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { messageType } from "../../schema/schema.js";
import { compact, type Fields } from "../fields.js";
import { mergeExtra } from "../merge.js";
import { readLoss, readMetric, writeLoss, writeMetric } from "./losses.js";

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
