/**
 * Makes the encoders of an exported model, as JSON. They are self-contained, without rules or files of the spec, for use
 * from other languages.
 */
import {
  type ComputedFeature,
  isSequenceFeature,
  type SequenceFeatureSpec,
  usualSeparator,
  vocabularyRows,
} from "../../data/index.js";
import {
  allEncoders,
  type ComboFeatureSpec,
  columnContents,
  columnFeature,
  expressionColumn,
  holdsSeveral,
  type IdFeatureSpec,
  type ModelSpec,
  type RawFeatureSpec,
  usedFeatures,
} from "../../spec/index.js";
import type {
  Encoder,
  EncodersFile,
  FeatureEncoder,
  RowsRule,
  SequenceColumnEncoder,
  ServedOutput,
} from "../format/encoder-types.js";
import { derivedFor, namedDomains } from "./computed-columns.js";

/**
 * The encoders of a model whose vocabulary files were read.
 *
 * @param encoded ids are rows already
 */
export function makeEncoders(spec: ModelSpec, encoded: boolean): EncodersFile {
  const used = usedFeatures(spec);
  const counted = new Set(allEncoders(spec).map(({ input }) => input.sequence[0]?.name));
  const contents = encoded ? "rows" : columnContents(spec);
  return {
    format: "pepnet.encoders",
    version: 1,
    encoded,
    domains: spec.domains,
    ...derivedFor(spec, used),
    features: spec.features.flatMap((feature) => {
      if (feature.kind === "other" || !used.has(feature.name)) return [];
      const column = columnFeature(feature, contents);
      return column.kind !== "combo" && isSequenceFeature(column)
        ? [sequenceEncoder(column, encoded, counted.has(feature.name))]
        : [makeEncoder(namedDomains(column, spec), encoded)];
    }),
    outputs: listOutputs(spec),
  };
}

function makeEncoder(feature: ComputedFeature, encoded: boolean): FeatureEncoder {
  const { name } = feature;
  const common = commonPart(feature, encoded);
  if (feature.kind === "combo") {
    return {
      ...common,
      ...idsPart(feature, rowsRule(feature)),
      columns: [],
      cross: feature.expressions.map(expressionColumn),
    };
  }
  const columns = [...new Set([name, expressionColumn(feature.expression)])];
  if (feature.kind === "id") return { ...common, ...idsPart(feature, rowsRule(feature)), columns };
  const { valueDim: dim, normalizer } = feature;
  if (feature.boundaries.length === 0) return { ...common, kind: "values", columns, dim, normalizer };
  return { ...common, ...idsPart(feature, boundaryRows(feature)), columns, dim, normalizer };
}

function commonPart({ name, separator, defaultValue }: ComputedFeature, encoded: boolean): Omit<Encoder, "columns"> {
  return { name, separator: separator ?? usualSeparator(encoded), default: defaultValue };
}

/** @param counted whether the graph needs the number of positions */
function sequenceEncoder(feature: SequenceFeatureSpec, encoded: boolean, counted: boolean): SequenceColumnEncoder {
  const { name, sequence, pooling } = feature;
  const source = expressionColumn(feature.expression);
  const isNumbers = feature.kind === "raw" && feature.boundaries.length === 0;
  return {
    ...commonPart(feature, encoded),
    kind: "sequence",
    columns: [...new Set([name, sequence.of === null ? source : `${sequence.of}__${source}`])],
    delimiter: sequence.delimiter,
    most: encoded ? null : sequence.length,
    rows: isNumbers ? null : feature.kind === "id" ? rowsRule(feature) : boundaryRows(feature),
    several: !isNumbers && holdsSeveral(feature),
    pooling,
    dim: feature.kind === "raw" ? feature.valueDim : 1,
    normalizer: feature.kind === "raw" ? feature.normalizer : null,
    length: counted ? lengthInput(name) : null,
  };
}

/** The input of a sequence's numbers of positions. */
function lengthInput(feature: string): string {
  return `${feature}.length`;
}

function boundaryRows(feature: RawFeatureSpec): RowsRule {
  return { kind: "boundaries", boundaries: [...feature.boundaries].sort((a, b) => a - b) };
}

function idsPart(feature: ComputedFeature, rows: RowsRule) {
  const weighted = feature.kind === "id" && feature.weighted;
  return {
    kind: "ids" as const,
    cross: null,
    rows,
    pooling: feature.pooling,
    weights: weighted ? weightsInput(feature.name) : null,
    dim: 1,
    normalizer: null,
  };
}

/** The input of a weighted feature's weights. */
function weightsInput(feature: string): string {
  return `${feature}.weights`;
}

/** The rules of training's encoding (src/data/encode), written out. */
function rowsRule(feature: IdFeatureSpec | ComboFeatureSpec): RowsRule {
  const { encoding, defaultBucket } = feature;
  const outside = defaultBucket ?? 0;
  if (encoding.kind === "buckets") return { kind: "buckets", count: encoding.count, outside };
  if (encoding.kind === "hash") return { kind: "hash", size: encoding.size };
  if (encoding.kind === "vocabFit") throw new Error("features are fitted before encoders are made");
  if (encoding.kind === "vocabFile") throw new Error("vocabulary files are read before encoders are made");
  const values = Object.fromEntries(vocabularyRows(feature));
  return { kind: "vocabulary", values, outside: defaultBucket ?? 1 };
}

/** Per domain; once without domains. */
function listOutputs(spec: ModelSpec): ServedOutput[] {
  const domains = spec.domains === null ? [null] : Array.from({ length: spec.domains.count }, (_, domain) => domain);
  return domains.flatMap((domain) =>
    spec.towers.flatMap(({ name: tower, losses, numClass: classes }) => {
      const suffix = domain === null ? tower : `${tower}_${domain}`;
      const output = (kind: ServedOutput["kind"], width: number): ServedOutput => ({
        name: `${kind}_${suffix}`,
        tower,
        domain,
        kind,
        classes: width,
      });
      return [
        ...(losses.some(({ kind }) => kind === "l2_loss") ? [output("y", 1)] : []),
        ...(losses.some(({ kind }) => kind !== "l2_loss") ? [output("logits", classes), output("probs", classes)] : []),
        ...(classes === 2 ? [output("probs1", 1)] : []),
      ];
    }),
  );
}
