/**
 * Validates a task tower.
 */
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { findFeature } from "../feature/find-feature.js";
import type { ModelSpec } from "../model.js";
import type { LossSpec, MetricSpec, TowerSpec } from "../tower.js";
import { checkCount, checkKnown, checkNumber, show } from "./checks.js";
import { mlpProblems } from "./mlp.js";

/** All problems of a tower in its model. */
export function towerProblems(spec: ModelSpec, tower: TowerSpec): Problem[] {
  const path = `towers.${tower.name}`;
  return [
    ...checkKnown(
      `${path}.label`,
      tower.label,
      spec.labels,
      "label",
      `declare it with .labels(${stringLiteral(tower.label)}) first`,
    ),
    ...checkCount(`${path}.numClass`, tower.numClass),
    ...checkNumber(`${path}.weight`, tower.weight, { least: 0 }),
    ...(tower.mlp === null ? [] : mlpProblems(`${path}.mlp`, tower.mlp)),
    ...lossesProblems(path, spec, tower),
    ...tower.metrics.flatMap((metric, index) => metricProblems(`${path}.metrics[${index}]`, metric, spec, tower)),
    ...sampleWeightProblems(path, spec, tower),
    ...taskSpaceProblems(path, spec, tower),
  ];
}

function lossesProblems(path: string, spec: ModelSpec, tower: TowerSpec): Problem[] {
  if (tower.losses.length > 0) {
    return tower.losses.flatMap((loss, index) => lossProblems(`${path}.losses[${index}]`, loss, spec, tower));
  }
  return [
    {
      path: `${path}.losses`,
      message: `the tower "${tower.name}" has no loss`,
      received: "[]",
      expected: "at least one loss",
      fix: "t.bce() for a click, t.l2() for a number, t.softmax(n) for n classes",
    },
  ];
}

function lossProblems(path: string, loss: LossSpec, spec: ModelSpec, tower: TowerSpec): Problem[] {
  const problems: Problem[] = [];
  if (loss.kind === "binary_cross_entropy" || loss.kind === "softmax_cross_entropy") {
    problems.push(...checkNumber(`${path}.labelSmoothing`, loss.labelSmoothing, { least: 0, below: 1 }));
  }
  if (loss.kind === "binary_focal_loss") {
    problems.push(...checkNumber(`${path}.gamma`, loss.gamma, { least: 0 }));
    problems.push(...checkNumber(`${path}.alpha`, loss.alpha, { above: 0, below: 1 }));
  }
  if (loss.kind === "jrc_loss") return jrcProblems(path, loss, spec, tower);
  if (loss.kind === "softmax_cross_entropy" && tower.numClass < 2) {
    problems.push({
      path: `towers.${tower.name}.numClass`,
      message: "softmax cross entropy needs at least two classes",
      received: show(tower.numClass),
      expected: "an integer ≥ 2",
      fix: "t.softmax(2), or t.bce() for one output",
    });
  }
  if (loss.kind !== "softmax_cross_entropy" && loss.kind !== "other" && tower.numClass > 1) {
    problems.push({
      path: `towers.${tower.name}.numClass`,
      message: `${loss.kind} has one output`,
      received: show(tower.numClass),
      expected: "1",
      fix: `t.softmax(${tower.numClass}) for ${tower.numClass} classes`,
    });
  }
  return problems;
}

function jrcProblems(
  path: string,
  { sessionName, alpha }: Extract<LossSpec, { kind: "jrc_loss" }>,
  spec: ModelSpec,
  tower: TowerSpec,
): Problem[] {
  const problems = checkNumber(`${path}.alpha`, alpha, { least: 0, most: 1 });
  const declared = spec.features.map((feature) => feature.name);
  const otherwise = "declare the feature of the session, such as the user id";
  problems.push(...checkKnown(`${path}.sessionName`, sessionName, declared, "feature", otherwise));
  const session = findFeature(spec, sessionName);
  if (session?.kind === "raw" && session.boundaries.length === 0) {
    const message = "the session of jrc_loss must be a feature with ids";
    const fix = `idFeature(${stringLiteral(sessionName)})`;
    problems.push({ path: `${path}.sessionName`, message, received: "a raw feature", expected: "an id feature", fix });
  }
  if (tower.numClass !== 2) {
    problems.push({
      path: `towers.${tower.name}.numClass`,
      message: "jrc_loss has two classes",
      received: show(tower.numClass),
      expected: "2",
      fix: `t.jrc(${stringLiteral(sessionName)})`,
    });
  }
  return problems;
}

function metricProblems(path: string, metric: MetricSpec, spec: ModelSpec, tower: TowerSpec): Problem[] {
  switch (metric.kind) {
    case "auc":
      return [...checkCount(`${path}.thresholds`, metric.thresholds, 2), ...twoClassProblems(path, metric.kind, tower)];
    case "grouped_auc":
      return [...keyProblems(path, metric.groupingKey, spec), ...twoClassProblems(path, metric.kind, tower)];
    case "multiclass_auc":
      return [...checkCount(`${path}.thresholds`, metric.thresholds, 2), ...classesProblems(path, metric.kind, tower)];
    case "xauc":
      return [
        ...checkNumber(`${path}.sampleRatio`, metric.sampleRatio, { above: 0, most: 1 }),
        ...(metric.maxPairs === null ? [] : checkCount(`${path}.maxPairs`, metric.maxPairs)),
        ...numericProblems(path, metric.kind, tower),
      ];
    case "grouped_xauc":
      return [
        ...keyProblems(path, metric.groupingKey, spec),
        ...checkCount(`${path}.maxPairsPerGroup`, metric.maxPairsPerGroup),
        ...numericProblems(path, metric.kind, tower),
      ];
    case "mean_absolute_error":
    case "mean_squared_error":
      return numericProblems(path, metric.kind, tower);
    case "accuracy":
      return [
        ...checkNumber(`${path}.threshold`, metric.threshold, { least: 0, most: 1 }),
        ...checkCount(`${path}.topK`, metric.topK),
      ];
    case "normalized_entropy":
      return [
        ...checkNumber(`${path}.eta`, metric.eta, { above: 0, below: 1 }),
        ...(tower.numClass === 1 ? [] : [misplaced(path, metric.kind, "one output", `${tower.numClass} classes`)]),
      ];
    case "other":
      return []; // refused before training
  }
}

function keyProblems(path: string, key: string, spec: ModelSpec): Problem[] {
  const declared = spec.features.map((feature) => feature.name);
  const otherwise = "group by a declared feature, such as the user id";
  return checkKnown(`${path}.groupingKey`, key, declared, "feature", otherwise);
}

/** Errors and ordered pairs compare numbers: TorchEasyRec stops with KeyError 'y_…' on other towers. */
function numericProblems(path: string, metric: string, tower: TowerSpec): Problem[] {
  if (tower.losses.some(({ kind }) => kind === "l2_loss")) return [];
  const received = tower.losses.map(({ kind }) => kind).join(", ") || "no loss";
  return [misplaced(path, metric, "a tower with l2_loss, which predicts a number", received)];
}

function classesProblems(path: string, metric: string, tower: TowerSpec): Problem[] {
  return tower.numClass > 1 ? [] : [misplaced(path, metric, "several classes", "one output")];
}

function misplaced(path: string, metric: string, needs: string, received: string): Problem {
  const fix = "remove this metric from the tower";
  return { path, message: `${metric} needs ${needs}, as in TorchEasyRec`, received, expected: needs, fix };
}

function twoClassProblems(path: string, metric: string, tower: TowerSpec): Problem[] {
  if (tower.numClass <= 2) return [];
  const received = `${tower.numClass} classes`;
  return [
    { path, message: `${metric} supports two classes only`, received, expected: "at most 2", fix: "t.accuracy()" },
  ];
}

function sampleWeightProblems(path: string, spec: ModelSpec, tower: TowerSpec): Problem[] {
  if (tower.sampleWeight === null) return [];
  const otherwise = `declare it with .sampleWeights(${stringLiteral(tower.sampleWeight)}) first`;
  return checkKnown(`${path}.sampleWeight`, tower.sampleWeight, spec.sampleWeights, "sample weight field", otherwise);
}

function taskSpaceProblems(path: string, spec: ModelSpec, { taskSpace }: TowerSpec): Problem[] {
  if (taskSpace === null) return [];
  const { indicatorLabel, inWeight, outWeight } = taskSpace;
  const problems = [
    ...checkKnown(
      `${path}.taskSpace.indicatorLabel`,
      indicatorLabel,
      spec.labels,
      "label",
      "declare it with .labels(…)",
    ),
    ...checkNumber(`${path}.taskSpace.inWeight`, inWeight, { least: 0 }),
    ...checkNumber(`${path}.taskSpace.outWeight`, outWeight, { least: 0 }),
  ];
  if (inWeight === 0 && outWeight === 0) {
    problems.push({
      path: `${path}.taskSpace`,
      message: "rows inside and outside the task space have weight 0, so the tower learns nothing",
      received: "in 0, out 0",
      expected: "at least one weight above 0",
    });
  }
  return problems;
}
