/**
 * Validates a complete model and lists all problems at once, before any data is read.
 */
import type { Problem } from "../../errors/index.js";
import { SpecError } from "../../errors/index.js";
import { columnContents } from "../feature/column-contents.js";
import { derivedProblems } from "../feature/derived.js";
import { type ModelSpec, usedFeatures } from "../model.js";
import { checkName, checkUnique } from "./checks.js";
import { featureProblems, sharedTableProblems } from "./feature.js";
import { towerCountProblems } from "./limits.js";
import {
  domainLabelProblems,
  domainProblems,
  epnetProblems,
  groupProblems,
  ppnetGroupProblems,
  ppnetProblems,
} from "./modules.js";
import { uncomputedProblems, unsupportedProblems } from "./options/unsupported.js";
import { sequenceProblems } from "./sequences.js";
import { towerProblems } from "./tower.js";
import { trainingProblems } from "./training.js";

/**
 * All problems of a model; an empty list means that it can be built and trained.
 * @example validateSpec(model.spec).map((problem) => problem.path)
 */
export function validateSpec(spec: ModelSpec): readonly Problem[] {
  return [...structureProblems(spec), ...unsupportedProblems(spec)];
}

/**
 * Problems of the description alone, regardless of what this engine supports: config export for TorchEasyRec
 * requires that there are none.
 */
export function structureProblems(spec: ModelSpec): readonly Problem[] {
  return [
    ...featuresProblems(spec),
    ...labelsProblems(spec),
    ...derivedProblems(spec.derived),
    ...checkUnique(
      "groups",
      spec.groups.map((group) => group.name),
      "group",
    ),
    ...spec.groups.flatMap((group) => groupProblems(spec, group)),
    ...sequenceProblems(spec),
    ...epnetProblems(spec),
    ...ppnetProblems(spec),
    ...ppnetGroupProblems(spec),
    ...(spec.domains === null ? [] : domainProblems(spec.domains)),
    ...domainLabelProblems(spec),
    ...towerCountProblems(spec),
    ...towersProblems(spec),
    ...trainingProblems(spec.training),
  ];
}

/** Throws one {@link SpecError} with every reason why a trained model cannot predict here; training may still be refused. */
export function assertComputable(spec: ModelSpec): void {
  const problems = [...structureProblems(spec), ...uncomputedProblems(spec)];
  if (problems.length > 0) throw new SpecError(problems);
}

/** Throws one {@link SpecError} with every problem of the model. */
export function assertValid(spec: ModelSpec): void {
  const problems = validateSpec(spec);
  if (problems.length > 0) throw new SpecError(problems);
}

function featuresProblems(spec: ModelSpec): Problem[] {
  if (spec.features.length === 0) {
    const fix = `.features(idFeature("user_id").buckets(1000).embedding(16), …)`;
    return [
      { path: "features", message: "the model has no features", received: "[]", expected: "at least one feature", fix },
    ];
  }
  const names = spec.features.map((feature) => feature.name);
  const used = usedFeatures(spec);
  const readsExpressions = columnContents(spec) === "inputs";
  return [
    ...checkUnique("features", names, "feature"),
    ...spec.features.flatMap((feature) =>
      featureProblems(feature, { isUsed: used.has(feature.name), readsExpressions }),
    ),
    ...sharedTableProblems(spec.features),
  ];
}

function labelsProblems({ labels, sampleWeights }: ModelSpec): Problem[] {
  return [
    ...labels.flatMap((label, index) => checkName(`labels[${index}]`, label)),
    ...checkUnique("labels", labels, "label"),
    ...checkUnique("sampleWeights", sampleWeights, "sample weight field"),
  ];
}

function towersProblems(spec: ModelSpec): Problem[] {
  if (spec.towers.length === 0) {
    const fix = `.tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce())`;
    return [
      { path: "towers", message: "the model has no towers", received: "[]", expected: "one tower per task", fix },
    ];
  }
  return [
    ...checkUnique(
      "towers",
      spec.towers.map((tower) => tower.name),
      "tower",
    ),
    ...spec.towers.flatMap((tower) => [...checkName("towers", tower.name), ...towerProblems(spec, tower)]),
  ];
}
