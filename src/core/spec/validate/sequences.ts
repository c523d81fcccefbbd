/** Validates the sequences of feature groups: what TorchEasyRec refuses or fails on is refused here with its reason. */
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/code-text.js";
import { type EncoderPart, encoderParts } from "../feature/encoder-part.js";
import { type FeatureSpec, findFeature, isSequence, tableName } from "../feature/feature.js";
import type { SequenceEncoderSpec, SequenceGroupSpec } from "../feature/sequence.js";
import { type DomainsSpec, type GroupSpec, hasPpnet, type ModelSpec } from "../model.js";
import { optionProblems } from "../option.js";
import { isWide } from "../sizes.js";
import { encoderOptions } from "../tables.js";
import { checkKnown, checkNumber, checkUnique, show, unless } from "./checks.js";
import { listed, mlpProblems, mostDomains } from "./mlp.js";

function groupSequenceProblems(spec: ModelSpec, group: GroupSpec): Problem[] {
  const path = `groups.${group.name}`;
  const { groups = [], encoders = [] } = group.sequences ?? {};
  const names = groups.map(({ name }) => name);
  return [
    // Numbers of a sequence cannot be pooled, so they need an encoder.
    ...group.features.flatMap((each, index) => {
      const feature = findFeature(spec, each);
      return unless(feature?.kind !== "raw" || feature.boundaries.length > 0 || !isSequence(feature), {
        path: `groups.${group.name}[${index}]`,
        message: `"${each}" is a sequence of numbers, which only a sequence encoder can read`,
        received: show(each),
        expected: "ids, or a sequence that an encoder reads",
        fix: `.group("${group.name}", […], { sequences: [pooling(…)] })`,
      });
    }),
    ...wideProblems(spec, group),
    ...groups.flatMap((each, index) => inputProblems(spec, each, `${path}.sequences.groups[${index}]`)),
    ...encoders.flatMap((encoder, index) => {
      const at = `${path}.sequences.encoders[${index}]`;
      return [
        ...checkKnown(`${at}.input`, encoder.input, names, "sequence group", "use one of the group's sequences"),
        ...encoderProblems(at, encoder),
      ];
    }),
    ...encoderParts(spec, group.name).flatMap((part) =>
      widthProblems(part, `${path}.sequences.encoders[${part.index}]`),
    ),
    ...names.flatMap((name, index) => unreadProblems(name, encoders, `${path}.sequences.groups[${index}]`)),
  ];
}

export function sequenceProblems(spec: ModelSpec): Problem[] {
  const names = spec.groups.flatMap((group) => group.sequences?.groups.map(({ name }) => name) ?? []);
  return checkUnique("groups.sequences", names, "sequence group");
}

function wideProblems(spec: ModelSpec, { name, features }: GroupSpec): Problem[] {
  if (!isWide(spec, name)) return [];
  return features.flatMap((each, index) => {
    const feature = findFeature(spec, each);
    return unless(feature === undefined || feature.kind === "other" || tableName(feature) !== null, {
      path: `groups.${name}[${index}]`,
      message: `"${each}" has no table of ids, as a WIDE group needs: TorchEasyRec stops with "dense feature"`,
      received: show(each),
      expected: "ids, or numbers with boundaries and an embedding",
      fix: "group_type: DEEP",
    });
  });
}

function inputProblems(spec: ModelSpec, { features }: SequenceGroupSpec, path: string): Problem[] {
  const declared = spec.features.map((feature) => feature.name);
  const declaredFeatures = features.flatMap((name) => findFeature(spec, name) ?? []);
  return [
    ...features.flatMap((name, index) =>
      unknownFeature(`${path}.features[${index}]`, name, declared, "declare it with .features(…) first"),
    ),
    ...checkUnique(`${path}.features`, features, "feature"),
    ...unless(declaredFeatures.length < features.length || declaredFeatures.some(isSequence), {
      path: `${path}.features`,
      message: "no feature of this sequence group is a sequence",
      received: show(features),
      expected: "at least one sequence feature",
    }),
    ...declaredFeatures.flatMap((feature) => queryProblems(feature, `${path}.features`)),
  ];
}

/** TorchEasyRec joins the names of a sequence and its feature by one underscore if USE_RTP=1 is set. */
function unknownFeature(path: string, name: string, declared: readonly string[], otherwise: string): Problem[] {
  const problems = checkKnown(path, name, declared, "feature", otherwise);
  const meant = declared.find((each) => each.includes("__") && each.replace("__", "_") === name);
  if (meant === undefined) return problems;
  const fix = `write ${show(meant)}; only with USE_RTP=1, which is not supported here, TorchEasyRec names it ${show(name)}`;
  return problems.map((problem) => ({ ...problem, fix }));
}

/** autodis and mlp embeddings fail in TorchEasyRec as a query. */
function queryProblems(feature: FeatureSpec, path: string): Problem[] {
  if (feature.kind !== "raw" || isSequence(feature)) return [];
  const learned = feature.projection?.kind;
  return unless(learned === undefined, {
    path,
    message: `"${feature.name}" has an ${learned} embedding, which cannot be a query: TorchEasyRec fails on it`,
    received: learned,
    expected: "numbers, or boundaries with an embedding",
  });
}

function unreadProblems(name: string, encoders: readonly SequenceEncoderSpec[], path: string): Problem[] {
  const inputs = encoders.map(({ input }) => input);
  return unless(inputs.includes(name), {
    path,
    message: `no encoder reads the sequence group "${name}"`,
    received: show(inputs),
    expected: `an encoder with input "${name}"`,
  });
}

function encoderProblems(path: string, encoder: SequenceEncoderSpec): Problem[] {
  const problems = optionProblems<object>(path, encoder, encoderOptions[encoder.kind]);
  if ("mlp" in encoder) problems.push(...mlpProblems(`${path}.mlp`, encoder.mlp));
  if (encoder.kind === "multi_window_din" && encoder.windows.length === 0) {
    problems.push({ path: `${path}.windows`, message: "no windows", received: "[]", expected: "at least one length" });
  }
  if (encoder.kind !== "self_attention" || problems.length > 0 || encoder.dim % encoder.heads === 0) return problems;
  const expected = `a number that divides the width ${encoder.dim}`;
  const received = String(encoder.heads);
  return [{ path: `${path}.heads`, message: "the heads do not divide the width", received, expected }];
}

function widthProblems({ encoder, input }: EncoderPart, path: string): Problem[] {
  if (encoder.kind === "pooling" || encoder.kind === "self_attention" || input.sequence.length === 0) return [];
  const { name, query, queryWidth, width } = input;
  if (query.length === 0) {
    return [
      {
        path,
        message: `${encoder.kind} compares the sequence with a query, but "${name}" has none`,
        received: show(input.sequence.map((feature) => feature.name)),
        expected: "a feature of the candidate, such as the item's id",
        fix: 'din(…, { query: ["item_id"], hidden: [64, 16] }), or use pooling',
      },
    ];
  }
  const fits = encoder.kind === "simple_attention" ? queryWidth === width : queryWidth <= width;
  return unless(fits, {
    path,
    message: `the query of "${name}" does not fit its sequence`,
    received: `a query of ${queryWidth} columns, a sequence of ${width}`,
    expected: encoder.kind === "simple_attention" ? "equal widths" : `at most ${width} columns`,
    fix: "use the same features of the candidate and of the sequence",
  });
}

export function groupProblems(spec: ModelSpec, group: GroupSpec): Problem[] {
  const path = `groups.${group.name}`;
  const declared = spec.features.map((feature) => feature.name);
  const names = new Set(declared);
  const unknown = group.features.flatMap((name, index) => (names.has(name) ? [] : [{ name, index }]));
  const unknownFeatures = listed(unknown, path, ({ name, index }) =>
    unknownFeature(`${path}[${index}]`, name, declared, "declare it with .features(…) before .group(…)"),
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

/** The group `uia` requires hidden units. The reverse is a warning: TorchEasyRec then leaves PPNet out. */
export function ppnetGroupProblems(spec: ModelSpec): Problem[] {
  return unless(!hasPpnet(spec) || spec.ppnet.hidden.length > 0, {
    path: "ppnet.hidden",
    message: `the group "uia" feeds PPNet, but PPNet has no hidden units`,
    received: "[]",
    expected: "hidden units, such as [512, 256]",
    fix: `.ppnet({ hidden: [512, 256] }), or remove the group "uia"`,
  });
}

export function domainProblems({ count, names }: DomainsSpec): Problem[] {
  return [
    ...checkNumber("domains.count", count, { least: 1, most: mostDomains, integer: true }),
    ...unless(names === null || names.length === count, {
      path: "domains.names",
      message: "the number of names differs from the number of domains",
      received: `${names?.length} names for ${count} domains`,
      expected: `${count} names`,
    }),
  ];
}

/** The domain column must also be a label field (TorchEasyRec reads a row's domain from its labels). */
export function domainLabelProblems({ domains, labels }: ModelSpec): Problem[] {
  const column = domains?.column ?? "";
  return unless(domains === null || labels.includes(column), {
    path: "labels",
    message: `the domain column "${column}" must also be a label field`,
    received: show(labels),
    expected: `"${column}" among the label fields`,
    fix: `add label_fields: ${stringLiteral(column)}`,
    kind: "domain column is not a label",
  });
}

export function domainCountProblems(spec: ModelSpec, { column, count }: DomainsSpec): Problem[] {
  const feature = findFeature(spec, column);
  if (feature?.kind !== "id" || feature.encoding.kind !== "buckets") return [];
  const buckets = feature.encoding.count;
  return unless(buckets === count, {
    path: "domains.count",
    message: `the number of buckets of the domain feature "${column}" differs from the number of domains`,
    received: `${count} domains, ${buckets} buckets`,
    expected: "the same number",
    fix: `.domains(${stringLiteral(column)}, ${buckets}), or idFeature(${stringLiteral(column)}).buckets(${count})`,
  });
}
