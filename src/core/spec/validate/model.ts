/** Validates a model as a whole: whether its description is sound, and whether this engine can compute it. */
import { type Problem, SpecError } from "../../errors/index.js";
import { stringLiteral } from "../../util/code-text.js";
import { sum } from "../../util/numbers.js";
import type { Choice } from "../choice.js";
import { columnContents } from "../feature/column-contents.js";
import { derivedProblems } from "../feature/derived.js";
import { losses } from "../losses.js";
import { decayOptions, metrics } from "../metrics.js";
import { type ModelSpec, type TowerSpec, usedFeatures } from "../model.js";
import { optionProblems, share } from "../option.js";
import { epnetOptions, ppnetOptions, taskSpaceOptions, towerOptions } from "../tables.js";
import { checkKnown, checkName, checkNumber, checkUnique, unless } from "./checks.js";
import { featureProblems, sharedTableProblems } from "./feature.js";
import { layerProblems, mlpProblems, towerCountProblems } from "./mlp.js";
import {
  domainLabelProblems,
  domainProblems,
  groupProblems,
  ppnetGroupProblems,
  sequenceProblems,
} from "./sequences.js";
import { trainingProblems } from "./training.js";
import { uncomputedProblems, unsupportedProblems } from "./unsupported.js";

/** All problems of a model; an empty list means that it can be built and trained. */
export function validateSpec(spec: ModelSpec): readonly Problem[] {
  return [...structureProblems(spec), ...unsupportedProblems(spec)];
}

/** Problems of the description alone, whatever this engine supports; config export requires that there are none. */
export function structureProblems(spec: ModelSpec): readonly Problem[] {
  const groups = spec.groups.map(({ name }) => name);
  return [
    ...featuresProblems(spec),
    ...spec.labels.flatMap((label, index) => checkName(`labels[${index}]`, label)),
    ...checkUnique("labels", spec.labels, "label"),
    ...checkUnique("sampleWeights", spec.sampleWeights, "sample weight field"),
    ...derivedProblems(spec.derived),
    ...checkUnique("groups", groups, "group"),
    ...spec.groups.flatMap((group) => groupProblems(spec, group)),
    ...sequenceProblems(spec),
    ...optionProblems("epnet", spec.epnet, epnetOptions),
    ...layerProblems("ppnet", spec.ppnet, ppnetOptions),
    ...ppnetGroupProblems(spec),
    ...(spec.domains === null ? [] : domainProblems(spec.domains)),
    ...domainLabelProblems(spec),
    ...towerCountProblems(spec),
    ...towersProblems(spec),
    ...trainingProblems(spec.training),
  ];
}

/**
 * Throws one {@link SpecError} with every reason why a trained model cannot predict here; training may still be
 * refused.
 */
export function assertComputable(spec: ModelSpec): void {
  if (computable.has(spec)) return;
  const problems = [...structureProblems(spec), ...uncomputedProblems(spec)];
  if (problems.length > 0) throw new SpecError(problems);
  computable.add(spec);
}

/** Specs do not change, and a vocabulary of a million values takes a second to validate. */
const computable = new WeakSet<ModelSpec>();

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
    ...sharedTableProblems(spec),
  ];
}

function towersProblems(spec: ModelSpec): Problem[] {
  if (spec.towers.length === 0) {
    const fix = `.tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce())`;
    return [
      { path: "towers", message: "the model has no towers", received: "[]", expected: "one tower per task", fix },
    ];
  }
  const names = spec.towers.map(({ name }) => name);
  return [
    ...checkUnique("towers", names, "tower"),
    ...minWeightProblems(spec),
    ...spec.towers.flatMap((tower) => [...checkName("towers", tower.name), ...towerProblems(spec, tower)]),
  ];
}

/** TorchEasyRec stops if nothing is left to choose. A tower's minimum counts for each of its losses. */
function minWeightProblems({ towers, training }: ModelSpec): Problem[] {
  const total = sum(towers.map(({ losses: all, minWeight = 0 }) => all.length * minWeight));
  return unless(training.lossWeights !== "pareto" || total < 1 - 1e-9, {
    path: "towers",
    message: "the minimum weights of all losses leave nothing to choose",
    received: `a sum of ${Number(total.toFixed(6))}`,
    expected: "a sum below 1",
    fix: 'lower t.minWeight(…), or .train({ lossWeights: "constant" }) with t.weight(…)',
  });
}

export function towerProblems(spec: ModelSpec, tower: TowerSpec): Problem[] {
  const path = `towers.${tower.name}`;
  const otherwise = `declare it with .labels(${stringLiteral(tower.label)}) first`;
  return [
    ...checkKnown(`${path}.label`, tower.label, spec.labels, "label", otherwise),
    ...optionProblems(path, tower, towerOptions),
    ...(tower.minWeight === undefined ? [] : checkNumber(`${path}.minWeight`, tower.minWeight, share)),
    ...(tower.mlp === null ? [] : mlpProblems(`${path}.mlp`, tower.mlp)),
    ...unless(tower.losses.length > 0, {
      path: `${path}.losses`,
      message: `the tower "${tower.name}" has no loss`,
      received: "[]",
      expected: "at least one loss",
      fix: "t.bce() for a click, t.l2() for a number, t.softmax(n) for n classes",
    }),
    ...choicesProblems(spec, tower, "losses", losses),
    ...choicesProblems(spec, tower, "metrics", metrics),
    ...choicesProblems(spec, tower, "trainMetrics", metrics),
    ...sampleWeightProblems(path, spec, tower),
    ...taskSpaceProblems(path, spec, tower),
  ];
}

/** Other losses and metrics are refused before training. */
function choicesProblems(
  { features }: ModelSpec,
  tower: TowerSpec,
  list: "losses" | "metrics" | "trainMetrics",
  registry: Readonly<Record<string, Pick<Choice<never>, "problems"> & { readonly options: object }>>,
): Problem[] {
  return (tower[list] ?? []).flatMap((each, index) => {
    const place = { path: `towers.${tower.name}.${list}[${index}]`, tower, features };
    const { options = {}, problems } = registry[each.kind] ?? {};
    return [
      ...optionProblems<object>(place.path, each, options),
      ...(problems?.(each as never, place) ?? []),
      ...("decayRate" in each ? optionProblems<object>(place.path, each, decayOptions) : []),
    ];
  });
}

function sampleWeightProblems(path: string, spec: ModelSpec, tower: TowerSpec): Problem[] {
  if (tower.sampleWeight === null) return [];
  const otherwise = `declare it with .sampleWeights(${stringLiteral(tower.sampleWeight)}) first`;
  return checkKnown(`${path}.sampleWeight`, tower.sampleWeight, spec.sampleWeights, "sample weight field", otherwise);
}

function taskSpaceProblems(path: string, spec: ModelSpec, { taskSpace }: TowerSpec): Problem[] {
  if (taskSpace === null) return [];
  const { indicatorLabel, inWeight, outWeight } = taskSpace;
  const at = `${path}.taskSpace`;
  return [
    ...checkKnown(`${at}.indicatorLabel`, indicatorLabel, spec.labels, "label", "declare it with .labels(…)"),
    ...optionProblems(at, taskSpace, taskSpaceOptions),
    ...unless(inWeight !== 0 || outWeight !== 0, {
      path: at,
      message: "rows inside and outside the task space have weight 0, so the tower learns nothing",
      received: "in 0, out 0",
      expected: "at least one weight above 0",
    }),
  ];
}
