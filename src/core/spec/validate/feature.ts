/** Validates a feature: its encoding, numbers, fit and learned embedding. */
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/code-text.js";
import { getOrMake } from "../../util/growing.js";
import {
  type ComboFeatureSpec,
  embeddingOptions,
  encodings,
  type FeatureSpec,
  type IdEncoding,
  type IdFeatureSpec,
  lacksEncoding,
  type OtherFeatureSpec,
  type RawFeatureSpec,
  tableRows,
} from "../feature/feature.js";
import type { ModelSpec } from "../model.js";
import { number, optionalNumber, optionProblems, positive } from "../option.js";
import { type TableUse, tableUses } from "../sizes.js";
import { projectionOptions } from "../tables.js";
import { checkCount, checkName, checkNumber, checkUnique, show, unless } from "./checks.js";

export interface FeatureUse {
  /** Whether the feature is in a group: only then does it need a table. */
  readonly isUsed: boolean;
  /** Whether expressions name columns. If not, columns are named after features, and expressions have no effect. */
  readonly readsExpressions: boolean;
}

export function featureProblems(feature: FeatureSpec, use: FeatureUse): Problem[] {
  const path = `features.${feature.name}`;
  const named = checkName(`${path}.name`, feature.name);
  if (use.readsExpressions && (feature.kind === "id" || feature.kind === "raw")) {
    named.push(...checkName(`${path}.expression`, feature.expression));
  }
  if (feature.kind !== "other" && feature.sequence !== undefined) {
    named.push(...checkCount(`${path}.sequence.length`, feature.sequence.length));
    named.push(...checkName(`${path}.sequence.delimiter`, feature.sequence.delimiter));
  }
  if (feature.kind === "other") return [...named, ...(use.isUsed ? tableProblems(path, feature) : [])];
  if (feature.kind === "raw") return [...named, ...rawProblems(path, feature)];
  named.push(...encodedProblems(path, feature, use));
  return feature.kind === "id" ? named : [...named, ...comboProblems(path, feature, use)];
}

/** TorchEasyRec fails when it counts the rows of the table. */
function tableProblems(path: string, { name, field, config }: OtherFeatureSpec): Problem[] {
  if (!lacksEncoding(field, config)) return [];
  const message = "a feature of a group needs an encoding, which sets the rows of its table";
  return [{ path, message, received: `${name} without one`, expected: `one of ${encodings.join(", ")}` }];
}

/** Features that share a table must agree. Groups and their sequences share no tables, even under one name. */
export function sharedTableProblems(spec: ModelSpec): Problem[] {
  const first = new Map<string, TableUse>();
  const compared = new Set<string>();
  return tableUses(spec).flatMap((use) => {
    const { feature, table, suffix } = use;
    const owner = getOrMake(first, table, () => use);
    const key = JSON.stringify([table, feature.name, suffix]);
    if (owner === use || compared.has(key)) return [];
    compared.add(key);
    return differences(use, owner);
  });
}

/** TorchEasyRec fails for two initializers. Whether a table is trained depends on the order, except of sequences. */
function differences({ feature, table, suffix, isOfSequences, dim }: TableUse, owner: TableUse): Problem[] {
  const path = `features.${feature.name}`;
  const shared = `shares the table ${JSON.stringify(table)} with ${JSON.stringify(owner.feature.name)}, which has another`;
  if (suffix !== owner.suffix) {
    const expected = "another embedding_name or suffix";
    return [{ path, message: `${shared} embedding_name_suffix`, received: show(suffix), expected }];
  }
  const [rows, ownerRows] = [tableRows(feature), tableRows(owner.feature)];
  if (dim !== owner.dim || (rows !== ownerRows && rows !== null && ownerRows !== null)) {
    const received = `[${rows ?? "?"}, ${dim}]`;
    const expected = `[${ownerRows ?? "?"}, ${owner.dim}], like "${owner.feature.name}"`;
    const fix = "use the same encoding and embedding dim for both, or separate tables";
    return [{ path, message: `${shared} size`, received, expected, fix }];
  }
  const fields: readonly (readonly [string, string | boolean])[] = [
    ["init_fn", ""],
    ["trainable", true],
  ];
  return fields.flatMap(([field, usual]) => {
    const [value, other] = [feature, owner.feature].map(({ extra }) => extra[field] ?? usual);
    return unless(value === other || (isOfSequences && field === "trainable"), {
      path: `${path}.${field}`,
      message: `${shared} ${field}`,
      received: show(value),
      expected: show(other),
    });
  });
}

function encodedProblems(path: string, feature: IdFeatureSpec | ComboFeatureSpec, { isUsed }: FeatureUse): Problem[] {
  const { encoding, embeddingDim, defaultBucket } = feature;
  const below = tableRows(feature) ?? undefined;
  return [
    ...encodingProblems(`${path}.encoding`, encoding),
    ...checkCount(`${path}.embeddingDim`, embeddingDim, isUsed ? 1 : 0),
    ...optionProblems(path, feature, embeddingOptions),
    ...(defaultBucket === null
      ? []
      : checkNumber(`${path}.defaultBucket`, defaultBucket, { least: 0, below, integer: true })),
  ];
}

function encodingProblems(path: string, encoding: IdEncoding): Problem[] {
  const { kind } = encoding;
  if (kind === "buckets") return checkCount(`${path}.count`, encoding.count);
  if (kind === "hash") return checkCount(`${path}.size`, encoding.size);
  if (kind === "vocabFile") return checkName(`${path}.path`, encoding.path);
  if (kind === "vocabFit")
    return optionProblems(path, encoding, { minCount: number(positive), most: optionalNumber(positive) });
  if (kind === "vocabList")
    return encoding.values.length === 0
      ? emptyVocabulary(`${path}.values`)
      : checkUnique(`${path}.values`, encoding.values, "vocabulary value", "value");
  const entries = Object.entries(encoding.entries);
  if (entries.length === 0) return emptyVocabulary(`${path}.entries`);
  // Paths are made for invalid rows only: vocabularies are large.
  return entries.flatMap(([value, row]) =>
    Number.isSafeInteger(row) && row >= 0 ? [] : checkCount(`${path}.entries[${show(value)}]`, row, 0),
  );
}

function emptyVocabulary(path: string): Problem[] {
  return [{ path, message: "the vocabulary is empty", received: "no values", expected: "at least one value" }];
}

function comboProblems(path: string, feature: ComboFeatureSpec, { readsExpressions }: FeatureUse): Problem[] {
  const problems = unless(!readsExpressions || feature.expressions.length > 0, {
    path: `${path}.expressions`,
    message: "no columns to cross",
    received: "[]",
    expected: "a list of columns to cross",
    fix: `comboFeature(${stringLiteral(feature.name)}, ["user:age", "item:brand"])`,
  });
  if (feature.encoding.kind === "buckets") {
    problems.push({
      path: `${path}.encoding`,
      message: "a combo feature cannot use num_buckets, since its values are texts such as 3_7",
      received: show(feature.encoding),
      expected: "hash, vocab, vocabDict or vocabFile",
      fix: `.hash(${feature.encoding.count})`,
    });
  }
  return problems;
}

function rawProblems(path: string, feature: RawFeatureSpec): Problem[] {
  return [
    ...checkCount(`${path}.valueDim`, feature.valueDim),
    ...optionProblems(path, feature, embeddingOptions),
    ...boundaryProblems(path, feature),
    ...piecesProblems(path, feature),
    ...projectionProblems(path, feature),
    ...fitProblems(path, feature),
    ...(feature.embeddingDim === null ? [] : checkCount(`${path}.embeddingDim`, feature.embeddingDim)),
  ];
}

/** `zscore` extends a normalizer that is an expression; no expression has the branches of the other methods. */
function fitProblems(path: string, { fit, normalizer, embeddingDim, pieces, name }: RawFeatureSpec): Problem[] {
  if (fit === undefined) return [];
  const problems = unless(!fit.zscore || normalizer === null || normalizer.startsWith("method=expression"), {
    path: `${path}.normalizer`,
    message: "zscore() cannot follow this normalizer",
    received: show(normalizer),
    expected: "no other normalizer, log1p() or an expression",
    fix: `rawFeature(${stringLiteral(name)}).log1p().zscore()`,
  });
  if (fit.quantiles === null) return problems;
  return [
    ...problems,
    ...checkNumber(`${path}.quantiles`, fit.quantiles, { least: 2, most: 10_000, integer: true }),
    ...unless(embeddingDim !== null || pieces !== undefined, {
      path: `${path}.embeddingDim`,
      message: "quantiles without an embedding dim",
      received: `.quantiles(${fit.quantiles})`,
      expected: "a dim for the embeddings of the buckets",
      fix: `rawFeature(${stringLiteral(name)}).quantiles(${fit.quantiles}).embedding(8)`,
    }),
  ];
}

/** As in TorchEasyRec, autodis embeds one number, and an embedding needs a dim. */
function projectionProblems(path: string, { projection, valueDim, embeddingDim, name }: RawFeatureSpec): Problem[] {
  if (projection === undefined) return [];
  return [
    ...unless(embeddingDim !== null, {
      path: `${path}.embeddingDim`,
      message: `${projection.kind} without an embedding dim`,
      received: show(embeddingDim),
      expected: "the number of columns of the embedding",
    }),
    ...optionProblems<object>(`${path}.projection`, projection, projectionOptions[projection.kind]),
    ...unless(projection.kind !== "autodis" || valueDim === 1, {
      path: `${path}.projection`,
      message: "autodis embeds one number, here and in TorchEasyRec",
      received: `${valueDim} numbers per row`,
      expected: "one number per row, or mlp",
      fix: `rawFeature(${stringLiteral(name)}).dims(${valueDim}).mlp(${embeddingDim ?? 8})`,
    }),
  ];
}

function boundaryProblems(
  path: string,
  { boundaries, embeddingDim, projection, name, fit }: RawFeatureSpec,
): Problem[] {
  const isLearned = projection !== undefined || Boolean(fit?.quantiles);
  const problems = [
    ...unless(boundaries.length === 0 || embeddingDim !== null, {
      path: `${path}.embeddingDim`,
      message: "boundaries without an embedding dim",
      received: `boundaries ${show(boundaries)}`,
      expected: "a dim for the embeddings of the buckets",
      fix: `rawFeature(${stringLiteral(name)}).boundaries([…]).embedding(16)`,
    }),
    ...unless(boundaries.length > 0 || embeddingDim === null || isLearned, {
      path: `${path}.embeddingDim`,
      message: "an embedding dim without boundaries",
      received: show(embeddingDim),
      expected: "boundaries that split the value into buckets, a learned embedding, or no embedding",
      fix: `rawFeature(${stringLiteral(name)}).autodis(${embeddingDim})`,
    }),
  ];
  return [...problems, ...orderProblems(path, "boundaries", boundaries)];
}

function orderProblems(path: string, field: "boundaries" | "pieces", limits: readonly number[]): Problem[] {
  return limits.flatMap((limit, index) => {
    const before = index === 0 ? -Infinity : Math.fround(limits[index - 1]!);
    return unless(Number.isFinite(limit) && Math.fround(limit) > before, {
      path: `${path}.${field}[${index}]`,
      message: `${field} must be ascending (as float32)`,
      received: show(limit),
      expected: index === 0 ? "a finite number" : `a number above ${before}`,
    });
  });
}

/** A piece is between two edges, and a row has one value, which becomes as many numbers. */
function piecesProblems(
  path: string,
  { pieces, valueDim, projection, boundaries, sequence, fit, name }: RawFeatureSpec,
) {
  if (pieces === undefined) return [];
  const count = pieces.length === 0 ? (fit?.quantiles ?? 0) : pieces.length - 1;
  const call = `rawFeature(${stringLiteral(name)}).piecewise(${Math.max(2, count)}, 8)`;
  return [
    ...orderProblems(path, "pieces", pieces),
    ...unless(count > 0, {
      path: `${path}.pieces`,
      message: "pieces without edges",
      received: show(pieces),
      expected: "at least two edges, or a number of pieces to fit",
      fix: call,
    }),
    ...unless(count === 0 || valueDim === count, {
      path: `${path}.valueDim`,
      message: "a piecewise encoding reads one number per row",
      received: `${valueDim} numbers per row`,
      expected: `${count}, one for each piece`,
      fix: `leave out .dims(${valueDim}): ${call}`,
    }),
    ...unless(boundaries.length === 0 && projection?.kind !== "autodis", {
      path: `${path}.pieces`,
      message: `pieces and ${projection?.kind === "autodis" ? "autodis" : "boundaries"} exclude each other`,
      received: "both",
      expected: "one of them",
      fix: call,
    }),
    ...unless(sequence === undefined, {
      path: `${path}.pieces`,
      message: "a sequence has no piecewise encoding",
      received: ".piecewise(…).sequence(…)",
      expected: "scaled numbers, or buckets with an embedding",
      fix: `rawFeature(${stringLiteral(name)}).quantiles(${Math.max(2, count)}).embedding(8).sequence(…)`,
    }),
  ];
}
