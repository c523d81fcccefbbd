/** Steps that declare columns: features, labels, sample weights. */

import { type Problem, SpecError } from "../../errors/index.js";
import { type DerivedColumn, derivedProblems, type ModelSpec } from "../../spec/index.js";
import { checkName, checkUnique, sharedTableProblems } from "../../spec/validate/index.js";
import type { Feature } from "../features/feature.js";
import type { Label } from "../label.js";
import { step } from "./step.js";

/** Adds features. Throws {@link SpecError} for an incomplete, invalid or duplicate feature. */
export function withFeatures(spec: ModelSpec, added: readonly Feature<string>[]): ModelSpec {
  const features = [...spec.features, ...added.flatMap((feature) => feature.toSpec())];
  const names = features.map((feature) => feature.name);
  const derived = withRules(spec, added);
  return step(spec, derived === undefined ? { features } : { features, derived }, () => [
    ...checkUnique("features", names, "feature"),
    ...sharedTableProblems(features),
    ...derivedProblems(derived),
  ]);
}

/** Adds labels (TorchEasyRec `label_fields`), columns or rules. Throws {@link SpecError} for a duplicate. */
export function withLabels(spec: ModelSpec, added: readonly (string | Label<string>)[]): ModelSpec {
  const rules = added.filter((label) => typeof label !== "string");
  const incomplete = rules.find((label) => typeof label?.name !== "string" || label.rule === undefined);
  if (incomplete !== undefined) throw new SpecError(noRule());
  const labels = [...spec.labels, ...added.map((label) => (typeof label === "string" ? label : label.name))];
  const derived = withRules(spec, rules);
  return step(spec, derived === undefined ? { labels } : { labels, derived }, () => [
    ...namesProblems("labels", labels, "label"),
    ...derivedProblems(derived),
  ]);
}

function noRule(): Problem {
  return {
    path: "labels",
    message: "a label without a rule",
    received: "label(name)",
    expected: "a column name, or a label with a rule",
    fix: 'label("like").from("rating").above(3)',
  };
}

/** The derived columns with those of labels or features. */
function withRules(spec: ModelSpec, added: readonly { readonly name: string; readonly rule?: DerivedColumn }[]) {
  const rules = added.flatMap(({ name, rule }) => (rule === undefined ? [] : [[name, rule] as const]));
  return rules.length === 0 ? spec.derived : { ...spec.derived, ...Object.fromEntries(rules) };
}

/** Adds sample weight columns (TorchEasyRec `sample_weight_fields`). Throws {@link SpecError} for a duplicate. */
export function withSampleWeights(spec: ModelSpec, added: readonly string[]): ModelSpec {
  const sampleWeights = [...spec.sampleWeights, ...added];
  return step(spec, { sampleWeights }, () => namesProblems("sampleWeights", sampleWeights, "sample weight field"));
}

function namesProblems(path: string, names: readonly string[], kind: string): ReturnType<typeof checkName> {
  return [...names.flatMap((name, index) => checkName(`${path}[${index}]`, name)), ...checkUnique(path, names, kind)];
}
