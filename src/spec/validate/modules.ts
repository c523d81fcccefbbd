/**
 * Validates groups, EPNet, PPNet and domains.
 */
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { findFeature } from "../feature/find-feature.js";
import type { DomainsSpec, GroupSpec, ModelSpec } from "../model.js";
import { hasPpnet } from "../model.js";
import { checkCount, checkKnown, checkNumber, checkUnique, show } from "./checks.js";
import { listed, mostDomains } from "./limits.js";
import { layerProblems } from "./mlp.js";
import { groupSequenceProblems } from "./sequences.js";

/** Problems of one group: unknown or repeated features, or an empty group. */
export function groupProblems(spec: ModelSpec, group: GroupSpec): Problem[] {
  const path = `groups.${group.name}`;
  const declared = spec.features.map((feature) => feature.name);
  const names = new Set(declared);
  const unknown = group.features.flatMap((name, index) => (names.has(name) ? [] : [{ name, index }]));
  const unknownFeatures = listed(unknown, path, ({ name, index }) =>
    checkKnown(`${path}[${index}]`, name, declared, "feature", `declare it with .features(…) before .group(…)`),
  );
  const empty: Problem[] =
    group.features.length > 0 || group.sequences !== undefined
      ? []
      : [{ path, message: "a group without features", received: "[]", expected: "at least one feature" }];
  return [
    ...empty,
    ...unknownFeatures,
    ...checkUnique(path, group.features, "feature"),
    ...(unknownFeatures.length === 0 ? groupSequenceProblems(spec, group) : []),
  ];
}

/** Problems of EPNet's gate. */
export function epnetProblems({ epnet }: ModelSpec): Problem[] {
  return [
    ...(epnet.hidden === null ? [] : checkCount("epnet.hidden", epnet.hidden)),
    ...checkNumber("epnet.gamma", epnet.gamma, { above: 0 }),
  ];
}

/** Problems of PPNet's layers and gates on their own. */
export function ppnetProblems({ ppnet }: ModelSpec): Problem[] {
  return [...layerProblems("ppnet", ppnet), ...checkNumber("ppnet.gamma", ppnet.gamma, { above: 0 })];
}

/** The group `uia` requires hidden units. The reverse is a warning: TorchEasyRec then leaves PPNet out. */
export function ppnetGroupProblems(spec: ModelSpec): Problem[] {
  if (!hasPpnet(spec) || spec.ppnet.hidden.length > 0) return [];
  return [
    {
      path: "ppnet.hidden",
      message: `the group "uia" feeds PPNet, but PPNet has no hidden units`,
      received: "[]",
      expected: "hidden units, such as [512, 256]",
      fix: `.ppnet({ hidden: [512, 256] }), or remove the group "uia"`,
    },
  ];
}

/** Problems of the number of domains and their names. */
export function domainProblems({ count, names }: DomainsSpec): Problem[] {
  const problems = checkNumber("domains.count", count, { least: 1, most: mostDomains, integer: true });
  if (names !== null && names.length !== count) {
    problems.push({
      path: "domains.names",
      message: "the number of names differs from the number of domains",
      received: `${names.length} names for ${count} domains`,
      expected: `${count} names`,
    });
  }
  return problems;
}

/** The domain column must also be a label field (TorchEasyRec reads a row's domain from its labels). */
export function domainLabelProblems(spec: ModelSpec): Problem[] {
  if (spec.domains === null || spec.labels.includes(spec.domains.column)) return [];
  return [
    {
      path: "labels",
      message: `the domain column "${spec.domains.column}" must also be a label field`,
      received: show(spec.labels),
      expected: `"${spec.domains.column}" among the label fields`,
      fix: `add label_fields: ${stringLiteral(spec.domains.column)}`,
      kind: "domain column is not a label",
    },
  ];
}

/** The bucket count of the domain feature must equal the domain count; `null` if it does, or if it has no buckets. */
export function domainCountMismatch(spec: ModelSpec, domains: DomainsSpec): Problem | null {
  const feature = findFeature(spec, domains.column);
  if (feature?.kind !== "id" || feature.encoding.kind !== "buckets") return null;
  if (feature.encoding.count === domains.count) return null;
  return {
    path: "domains.count",
    message: `the number of buckets of the domain feature "${domains.column}" differs from the number of domains`,
    received: `${domains.count} domains, ${feature.encoding.count} buckets`,
    expected: "the same number",
    fix: `.domains(${stringLiteral(domains.column)}, ${feature.encoding.count}), or idFeature(${stringLiteral(domains.column)}).buckets(${domains.count})`,
  };
}
