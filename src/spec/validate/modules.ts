/** What can be wrong in groups, EPNet, PPNet and domains. */
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { findFeature } from "../feature/find-feature.js";
import type { DomainsSpec, GroupSpec, ModelSpec } from "../model.js";
import { hasPpnet } from "../model.js";
import { checkCount, checkKnown, checkNumber, checkUnique, show } from "./checks.js";
import { listed, mostDomains } from "./limits.js";
import { layerProblems } from "./mlp.js";

/** Problems of one group: unknown or repeated features, none at all. */
export function groupProblems(spec: ModelSpec, group: GroupSpec): Problem[] {
  const path = `groups.${group.name}`;
  const declared = spec.features.map((feature) => feature.name);
  const names = new Set(declared);
  const unknown = group.features.flatMap((name, index) => (names.has(name) ? [] : [{ name, index }]));
  const known = listed(unknown, path, ({ name, index }) =>
    checkKnown(`${path}[${index}]`, name, declared, "feature", `declare it with .features(…) before .group(…)`),
  );
  const empty: Problem[] =
    group.features.length > 0
      ? []
      : [{ path, message: "a group without features", received: "[]", expected: "at least one feature" }];
  return [...empty, ...known, ...checkUnique(path, group.features, "feature")];
}

/** Problems of EPNet's gate. */
export function epnetProblems({ epnet }: ModelSpec): Problem[] {
  return [
    ...(epnet.hidden === null ? [] : checkCount("epnet.hidden", epnet.hidden)),
    ...checkNumber("epnet.gamma", epnet.gamma, { above: 0 }),
  ];
}

/** Problems of PPNet's layers and gates by themselves. */
export function ppnetProblems({ ppnet }: ModelSpec): Problem[] {
  return [...layerProblems("ppnet", ppnet), ...checkNumber("ppnet.gamma", ppnet.gamma, { above: 0 })];
}

/** `uia` and PPNet's hidden units need each other. */
export function ppnetGroupProblems(spec: ModelSpec): Problem[] {
  const layers = spec.ppnet.hidden.length;
  if (hasPpnet(spec) === layers > 0) return [];
  if (layers > 0) {
    return [
      {
        path: "groups.uia",
        message: "PPNet has hidden units, but there is no group to feed its gates",
        received: `ppnet.hidden ${show(spec.ppnet.hidden)} and no group "uia"`,
        expected: `a group "uia" of user, item and author features`,
        fix: `.group("uia", ["user_id", …]), or leave .ppnet(…) out`,
      },
    ];
  }
  return [
    {
      path: "ppnet.hidden",
      message: `the group "uia" feeds PPNet, but PPNet has no hidden units`,
      received: "[]",
      expected: "hidden units, such as [512, 256]",
      fix: `.ppnet({ hidden: [512, 256] }), or leave the group "uia" out`,
    },
  ];
}

/** Problems of the domain column: a num_buckets id, among the label fields, with a count and names that fit. */
export function domainProblems(spec: ModelSpec, domains: DomainsSpec): Problem[] {
  const { column, count, names } = domains;
  const problems = checkNumber("domains.count", count, { least: 1, most: mostDomains, integer: true });
  const declared = spec.features.map((feature) => feature.name);
  problems.push(...checkKnown("domains.column", column, declared, "feature", "declare it with .features(…) first"));
  const feature = findFeature(spec, column);
  if (feature && (feature.kind !== "id" || feature.encoding.kind !== "buckets")) {
    problems.push({
      path: "domains.column",
      message: `the domain column "${column}" must be an id in 0 … ${count - 1}, taken as it is`,
      received:
        feature.kind === "id" ? `an id encoded by ${feature.encoding.kind}` : `a feature of kind ${feature.kind}`,
      expected: "an id feature with num_buckets",
      fix: `idFeature(${stringLiteral(column)}).buckets(${count})`,
    });
  }
  if (names !== null && names.length !== count) {
    problems.push({
      path: "domains.names",
      message: "as many names as domains are needed",
      received: `${names.length} names for ${count} domains`,
      expected: `${count} names`,
    });
  }
  return problems;
}

/** The domain column must be a label field too (TorchEasyRec reads a row's domain from its labels). */
export function domainLabelProblems(spec: ModelSpec): Problem[] {
  if (spec.domains === null || spec.labels.includes(spec.domains.column)) return [];
  return [
    {
      path: "labels",
      message: `the domain column "${spec.domains.column}" must be a label field too`,
      received: show(spec.labels),
      expected: `"${spec.domains.column}" among the label fields`,
      fix: `add label_fields: ${stringLiteral(spec.domains.column)}`,
    },
  ];
}

/** The domain feature's bucket count must be the domain count, or `null` where it is (or is no bucket id). */
export function domainCountMismatch(spec: ModelSpec, domains: DomainsSpec): Problem | null {
  const feature = findFeature(spec, domains.column);
  if (feature?.kind !== "id" || feature.encoding.kind !== "buckets") return null;
  if (feature.encoding.count === domains.count) return null;
  return {
    path: "domains.count",
    message: `the domain feature "${domains.column}" has another number of buckets than there are domains`,
    received: `${domains.count} domains, ${feature.encoding.count} buckets`,
    expected: "the same number",
    fix: `.domains(${stringLiteral(domains.column)}, ${feature.encoding.count}), or idFeature(${stringLiteral(domains.column)}).buckets(${domains.count})`,
  };
}
