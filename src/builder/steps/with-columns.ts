/** Steps that declare columns: features, labels, sample weights. */

import type { ModelSpec } from "../../spec/index.js";
import { checkName, checkUnique, sharedTableProblems } from "../../spec/validate/index.js";
import type { Feature } from "../features/feature.js";
import { step } from "./step.js";

/** Adds features. Throws {@link SpecError} for an incomplete, invalid or duplicate feature. */
export function withFeatures(spec: ModelSpec, added: readonly Feature<string>[]): ModelSpec {
  const features = [...spec.features, ...added.map((feature) => feature.toSpec())];
  const names = features.map((feature) => feature.name);
  return step(spec, { features }, () => [
    ...checkUnique("features", names, "feature"),
    ...sharedTableProblems(features),
  ]);
}

/** Adds labels (TorchEasyRec `label_fields`). Throws {@link SpecError} for a duplicate. */
export function withLabels(spec: ModelSpec, added: readonly string[]): ModelSpec {
  const labels = [...spec.labels, ...added];
  return step(spec, { labels }, () => namesProblems("labels", labels, "label"));
}

/** Adds sample weight columns (TorchEasyRec `sample_weight_fields`). Throws {@link SpecError} for a duplicate. */
export function withSampleWeights(spec: ModelSpec, added: readonly string[]): ModelSpec {
  const sampleWeights = [...spec.sampleWeights, ...added];
  return step(spec, { sampleWeights }, () => namesProblems("sampleWeights", sampleWeights, "sample weight field"));
}

function namesProblems(path: string, names: readonly string[], kind: string): ReturnType<typeof checkName> {
  return [...names.flatMap((name, index) => checkName(`${path}[${index}]`, name)), ...checkUnique(path, names, kind)];
}
