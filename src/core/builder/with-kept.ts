/** Removes features from a spec: a pure function from one spec to the next. */
import { type Problem, SpecError } from "../errors/index.js";
import { isSequence } from "../spec/feature/feature.js";
import type { GroupSpec, ModelSpec } from "../spec/model.js";
import { checkKnown, show, unless } from "../spec/validate/checks.js";
import { groupProblems } from "../spec/validate/sequences.js";
import { stringLiteral } from "../util/code-text.js";
import { step } from "./with-tower.js";

const readers = { all: "the towers", domain: "EPNet's gate", uia: "PPNet's gates" } as const;

/**
 * Keeps these features, in the model's order, and removes the others from all groups and sequences. Throws a
 * {@link SpecError} for an unknown feature, and for one that a gate, a sequence encoder or a metric needs.
 */
export function withKept(spec: ModelSpec, names: readonly string[]): ModelSpec {
  const declared = spec.features.map(({ name }) => name);
  const positions = new Set(spec.features.flatMap((feature) => (isSequence(feature) ? [feature.name] : [])));
  const only = (fields: readonly string[]): string[] => fields.filter((name) => names.includes(name));
  const problems = names.flatMap((name, at) => checkKnown(`keep[${at}]`, name, declared, "feature", "name features"));
  const need = (fields: readonly string[], reader: string): void => {
    const [first] = fields;
    const expected = `${stringLiteral(first ?? "")} among the fields`;
    const problem: Problem = { path: "keep", message: `${reader} cannot do without "${first}"`, expected };
    problems.push(...unless(first === undefined || only(fields).length > 0, { ...problem, received: show(names) }));
  };
  for (const { name, metrics } of spec.towers) {
    for (const metric of metrics) {
      if ("groupingKey" in metric && declared.includes(metric.groupingKey))
        need([metric.groupingKey], `${metric.kind} of "${name}"`);
    }
  }
  const groups = spec.groups.map(({ sequences, ...group }): GroupSpec => {
    const bare = { ...group, features: only(group.features) };
    const inputs = (sequences?.groups ?? []).filter((input) =>
      only(input.features).some((name) => positions.has(name)),
    );
    for (const { name, features } of inputs) {
      need(
        features.filter((each) => !positions.has(each)),
        `the encoder of "${name}"`,
      );
    }
    if (sequences === undefined || inputs.length === 0) {
      need(group.features, readers[group.name]);
      return bare;
    }
    const encoders = sequences.encoders.filter(({ input }) => inputs.some(({ name }) => name === input));
    const left = inputs.map((input) => ({ ...input, features: only(input.features) }));
    return { ...bare, sequences: { ...sequences, groups: left, encoders } };
  });
  if (problems.length > 0) throw new SpecError(problems);
  const features = spec.features.filter(({ name }) => names.includes(name));
  return step(spec, { features, groups }, (next) => groups.flatMap((group) => groupProblems(next, group)));
}
