/** Adds features, labels, layers and towers to a model, and checks each step. */
import { type Problem, SpecError } from "../errors/index.js";
import { type DerivedColumn, derivedProblems } from "../spec/feature/derived.js";
import type { ModelLayer } from "../spec/layer.js";
import type { ModelSpec } from "../spec/model.js";
import { checkName, checkUnique, show, unknownName, unless } from "../spec/validate/checks.js";
import { sharedTableProblems } from "../spec/validate/feature.js";
import { towerProblems } from "../spec/validate/model.js";
import { stringLiteral } from "../util/code-text.js";
import { deepFreeze } from "../util/json.js";
import { listNames } from "../util/names.js";
import type { Feature } from "./feature.js";
import type { Label } from "./learning-rates.js";
import { type Tower, tower } from "./tower.js";

export function withFeatures(spec: ModelSpec, added: readonly Feature<string>[]): ModelSpec {
  const features = [...spec.features, ...added.flatMap((feature) => feature.toSpec())];
  const names = features.map((feature) => feature.name);
  const derived = withRules(spec, added);
  return step(spec, derived === undefined ? { features } : { features, derived }, (next) => [
    ...checkUnique("features", names, "feature"),
    ...sharedTableProblems(next),
    ...derivedProblems(derived),
  ]);
}

export function withLabels(spec: ModelSpec, added: readonly (string | Label<string>)[]): ModelSpec {
  const rules = added.filter((label) => typeof label !== "string");
  if (rules.some((label) => typeof label?.name !== "string" || label.rule === undefined)) {
    throw new SpecError({
      path: "labels",
      message: "a label without a rule",
      received: "label(name)",
      expected: "a column name, or a label with a rule",
      fix: 'label("like").from("rating").above(3)',
    });
  }
  const labels = [...spec.labels, ...added.map((label) => (typeof label === "string" ? label : label.name))];
  const derived = withRules(spec, rules);
  return step(spec, derived === undefined ? { labels } : { labels, derived }, () => [
    ...namesProblems("labels", labels, "label"),
    ...derivedProblems(derived),
  ]);
}

function withRules(spec: ModelSpec, added: readonly { readonly name: string; readonly rule?: DerivedColumn }[]) {
  const rules = added.flatMap(({ name, rule }) => (rule === undefined ? [] : [[name, rule] as const]));
  return rules.length === 0 ? spec.derived : { ...spec.derived, ...Object.fromEntries(rules) };
}

export function withSampleWeights(spec: ModelSpec, added: readonly string[]): ModelSpec {
  const sampleWeights = [...spec.sampleWeights, ...added];
  return step(spec, { sampleWeights }, () => namesProblems("sampleWeights", sampleWeights, "sample weight field"));
}

function namesProblems(path: string, names: readonly string[], kind: string): ReturnType<typeof checkName> {
  return [...names.flatMap((name, index) => checkName(`${path}[${index}]`, name)), ...checkUnique(path, names, kind)];
}

export function step(spec: ModelSpec, change: Partial<ModelSpec>, problems: (next: ModelSpec) => Problem[]): ModelSpec {
  const next: ModelSpec = { ...spec, ...change };
  const faults = problems(next);
  if (faults.length > 0) throw new SpecError(faults);
  return deepFreeze(next);
}

export function withLayer(spec: ModelSpec, layer: ModelLayer): ModelSpec {
  if (layer?.kind !== "cross" && (layer?.kind !== "layer" || typeof layer.apply !== "function")) {
    throw new SpecError({
      path: "layers",
      message: "not a layer",
      received: typeof layer === "function" ? "a function" : show(layer),
      expected: 'crossNetwork(), or the result of layer(name, { parameters, apply }), both of "pepnet/nn"',
    });
  }
  const path = `layers.${layer.name}`;
  const names = spec.layers.map(({ name }) => name);
  return step(spec, { layers: [...spec.layers, layer] }, () => [
    ...checkName(path, layer.name),
    ...unless(!names.includes(layer.name), {
      path,
      message: `duplicate layer "${layer.name}"`,
      expected: "each name only once",
      fix: "choose another name",
    }),
  ]);
}

/** @throws SpecError if no layer has this name */
export function withoutLayer(spec: ModelSpec, name: string): ModelSpec {
  const names = spec.layers.map((layer) => layer.name);
  if (!names.includes(name)) throw new SpecError(unknownName("withoutLayer", "layer", name, names));
  return step(spec, { layers: spec.layers.filter((layer) => layer.name !== name) }, () => []);
}

export function withTower<L extends string, F extends string>(
  spec: ModelSpec,
  name: string,
  build: (tower: Tower<L, F>) => Tower<L, F>,
): ModelSpec {
  const taken = spec.towers.map((other) => other.name);
  if (name.trim() === "" || taken.includes(name)) {
    throw new SpecError({
      path: `towers.${name}`,
      message: taken.includes(name) ? `duplicate tower "${name}"` : "missing tower name",
      received: `.tower(${stringLiteral(name)}, …)`,
      expected: taken.length === 0 ? "a non-empty name" : `a name other than ${listNames(taken)}`,
      fix: "choose another name for each task, such as ctr and cvr",
    });
  }
  const built = build(tower<L, F>(name))?.toSpec?.();
  if (built === undefined) {
    throw new SpecError({
      path: `towers.${name}`,
      message: "the function did not return a tower",
      received: String(built),
      expected: "the tower builder that the function received, with your settings",
      fix: `.tower(${stringLiteral(name)}, (t) => t.label("clk").mlp(256, 128).bce())`,
    });
  }
  if (built.label === "") {
    const { labels } = spec;
    throw new SpecError({
      path: `towers.${name}.label`,
      message: `the tower "${name}" has no label`,
      received: "no .label(…)",
      expected: labels.length === 0 ? ".labels(…) on the model, then .label(…) here" : `one of ${listNames(labels)}`,
      fix: `t.label(${stringLiteral(labels[0] ?? "clk")})`,
    });
  }
  return step(spec, { towers: [...spec.towers, built] }, (next) => towerProblems(next, built));
}
