/** Writes an exported model's encoders as JSON, for languages without the spec's rules and files. */
import { usualSeparator } from "../data/encode/encode-part.js";
import type { ComputedFeature } from "../data/encode/plan.js";
import { vocabularyRows } from "../data/encode/rows-of-ids.js";
import { isSequenceFeature } from "../data/encode/sequence.js";
import { columnContents } from "../spec/feature/column-contents.js";
import { columnFeature } from "../spec/feature/column-feature.js";
import { allEncoders } from "../spec/feature/encoder-part.js";
import { expressionColumn, holdsSeveral, inputColumn } from "../spec/feature/feature.js";
import { type ModelSpec, usedFeatures } from "../spec/model.js";
import type { EncodersFile, FeatureEncoder, RowsRule, ServedOutput } from "./encoder-types.js";

/** The encoders of a model whose vocabulary files were read. @param encoded ids are rows already */
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
      const isSequence = column.kind !== "combo" && isSequenceFeature(column);
      return [makeEncoder(isSequence ? column : namedDomains(column, spec), encoded, counted.has(feature.name))];
    }),
    outputs: listOutputs(spec),
  };
}

/** The encoder of a feature. @param counted whether the graph needs the number of a sequence's positions */
function makeEncoder(feature: ComputedFeature, encoded: boolean, counted: boolean): FeatureEncoder {
  const { name, separator, defaultValue, pooling } = feature;
  const rows = rowsRule(feature);
  const common = {
    name,
    separator: separator ?? usualSeparator(encoded),
    default: defaultValue,
    dim: feature.kind === "raw" ? feature.valueDim : 1,
    normalizer: feature.kind === "raw" ? feature.normalizer : null,
  };
  if (feature.kind === "combo") {
    const cross = feature.expressions.map(expressionColumn);
    return { ...common, kind: "ids", columns: [], cross, rows: rows!, pooling, weights: null };
  }
  if (isSequenceFeature(feature)) {
    const { of, delimiter, length: most } = feature.sequence;
    const source = expressionColumn(feature.expression);
    return {
      ...common,
      kind: "sequence",
      delimiter,
      rows,
      pooling,
      columns: [...new Set([name, of === null ? source : `${of}__${source}`])],
      most: encoded ? null : most,
      several: rows !== null && holdsSeveral(feature),
      length: counted ? `${name}.length` : null,
    };
  }
  const columns = [...new Set([name, inputColumn(feature)])];
  const pieces = feature.kind === "raw" && feature.pieces !== undefined ? { pieces: feature.pieces } : {};
  if (rows === null) return { ...common, kind: "values", columns, ...pieces };
  const weights = feature.kind === "id" && feature.weighted ? `${name}.weights` : null;
  return { ...common, kind: "ids", columns, cross: null, rows, pooling, weights };
}

/** The rules of training's encoding (src/core/data/encode), written out; `null`: plain numbers. */
function rowsRule(feature: ComputedFeature): RowsRule | null {
  if (feature.kind === "raw") {
    const boundaries = [...feature.boundaries].sort((a, b) => a - b);
    return boundaries.length === 0 ? null : { kind: "boundaries", boundaries };
  }
  const { encoding, defaultBucket } = feature;
  const outside = defaultBucket ?? 0;
  if (encoding.kind === "buckets") return { kind: "buckets", count: encoding.count, outside };
  if (encoding.kind === "hash") return { kind: "hash", size: encoding.size };
  if (encoding.kind === "vocabFit") throw new Error("features are fitted before encoders are made");
  if (encoding.kind === "vocabFile") throw new Error("vocabulary files are read before encoders are made");
  return { kind: "vocabulary", values: Object.fromEntries(vocabularyRows(feature)), outside: defaultBucket ?? 1 };
}

/** The outputs by tower and domain. */
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

/** The rules of columns that the used features read; a label's rule is not needed. */
function derivedFor({ derived = {}, features }: ModelSpec, used: ReadonlySet<string>) {
  const read = new Set(
    features.flatMap((feature) => {
      if (feature.kind === "other" || !used.has(feature.name)) return [];
      const expressions = feature.kind === "combo" ? feature.expressions : [feature.expression];
      const sequence = feature.sequence?.of ?? null;
      const columns = expressions.map(expressionColumn);
      return [feature.name, ...columns.map((column) => (sequence === null ? column : `${sequence}__${column}`))];
    }),
  );
  const needed = Object.entries(derived).filter(([name]) => read.has(name));
  return needed.length === 0 ? {} : { derived: Object.fromEntries(needed) };
}

/** Adds domain names to the feature of a domain column, whose values may be names or numbers. */
function namedDomains(feature: ComputedFeature, { domains }: ModelSpec): ComputedFeature {
  if (feature.kind !== "id" || feature.encoding.kind !== "buckets" || domains === null) return feature;
  const columns = [feature.name, inputColumn(feature)];
  if (domains.names === null || !columns.includes(domains.column)) return feature;
  const numbers = Array.from({ length: feature.encoding.count }, (_, row): [string, number] => [String(row), row]);
  const named = domains.names.map((name, row): [string, number] => [name, row]);
  const entries = Object.fromEntries([...named.filter(([name]) => !/^-?\d+$/.test(name)), ...numbers]);
  return { ...feature, encoding: { kind: "vocabDict", entries }, defaultBucket: feature.defaultBucket ?? 0 };
}
