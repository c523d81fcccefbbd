/**
 * Validates a task tower.
 */
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import type { Place } from "../choice.js";
import { knownLoss } from "../losses/index.js";
import { knownMetric } from "../metrics/index.js";
import type { ModelSpec } from "../model.js";
import type { TowerSpec } from "../tower.js";
import { checkCount, checkKnown, checkNumber } from "./checks.js";
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
    ...tower.metrics.flatMap((metric, index) =>
      metric.kind === "other" // refused before training
        ? []
        : (knownMetric(metric)?.problems(metric, placeOf(spec, tower, `metrics[${index}]`)) ?? []),
    ),
    ...sampleWeightProblems(path, spec, tower),
    ...taskSpaceProblems(path, spec, tower),
  ];
}

function lossesProblems(path: string, spec: ModelSpec, tower: TowerSpec): Problem[] {
  if (tower.losses.length > 0) {
    return tower.losses.flatMap((loss, index) =>
      loss.kind === "other" ? [] : (knownLoss(loss)?.problems(loss, placeOf(spec, tower, `losses[${index}]`)) ?? []),
    );
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

function placeOf({ features }: ModelSpec, tower: TowerSpec, name: string): Place {
  return { path: `towers.${tower.name}.${name}`, tower, features };
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
