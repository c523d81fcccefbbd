/** Checks the shape and consistency of `encoders.json`, since an exported model may be untrusted. */
import path from "node:path";
import { usualSeparator } from "../data/encode/encode-part.js";
import { CheckpointError } from "../errors/index.js";
import type { FeatureSpec, IdFeatureSpec } from "../spec/feature/feature.js";
import { emptySpec, type ModelSpec } from "../spec/model.js";
import { structureProblems } from "../spec/validate/model.js";
import { assertShape, derivedColumn, parsedJson, valueText as shown } from "../train/saved/shape.js";
import { firstRepeated } from "../util/names.js";
import * as is from "../util/shape.js";
import {
  type EncodersFile,
  exportedFiles,
  type FeatureEncoder,
  type IdsEncoder,
  type RowsRule,
} from "./encoder-types.js";

/** Largest number of values per feature: encoding allocates memory for them. */
const mostNumbers = 100_000;

/** Rows are 32-bit integers; larger ones would wrap around to other rows. */
const mostRows = 2 ** 31 - 1;
const row = is.integer(0, mostRows - 1);

const rows = is.kinds({
  buckets: is.object({ count: is.integer(1, mostRows), outside: row }),
  hash: is.object({ size: is.integer(1, mostRows) }),
  vocabulary: is.object({ values: is.recordOf(row), outside: row }),
  boundaries: is.object({ boundaries: is.listOf(is.number) }),
});

const pooling = is.oneOf(["sum", "mean"]);

const encoder = {
  name: is.text,
  columns: is.listOf(is.text),
  separator: is.text,
  default: is.text,
  dim: is.integer(1, mostNumbers),
  normalizer: is.nullable(is.text),
};

const feature = is.kinds({
  ids: is.object({
    ...encoder,
    cross: is.nullable(is.listOf(is.text)),
    rows,
    pooling,
    weights: is.nullable(is.text),
  }),
  values: is.object({ ...encoder, pieces: is.optional(is.listOf(is.number)) }),
  sequence: is.object({
    ...encoder,
    delimiter: is.text,
    most: is.nullable(is.count),
    rows: is.nullable(rows),
    several: is.bool,
    pooling,
    length: is.nullable(is.text),
  }),
});

const output = is.object({
  name: is.text,
  tower: is.text,
  domain: is.nullable(is.count),
  kind: is.oneOf(["logits", "probs", "probs1", "y"]),
  classes: is.integer(1, mostNumbers),
});

const encodersShape: is.Shape = is.object({
  encoded: is.bool,
  domains: is.nullable(is.object({ column: is.text, count: is.positive, names: is.nullable(is.listOf(is.text)) })),
  derived: is.optional(is.recordOf(derivedColumn)),
  priors: is.optional(
    is.object({
      columns: is.listOf(is.text),
      keys: is.listOf(is.listOf(is.text)),
      until: is.nullable(is.text),
      delays: is.recordOf(is.text),
    }),
  ),
  features: is.listOf(feature),
  outputs: is.listOf(output),
});

/** Parses the encoders of an exported folder. @throws CheckpointError that names the file and the invalid location */
export function parseEncoders(folder: string, content: string): EncodersFile {
  const file = path.join(folder, exportedFiles.encoders);
  const value = parsedJson(file, content, "export the run again");
  const { format, version } = (typeof value === "object" && value !== null ? value : {}) as Partial<EncodersFile>;
  if (format !== "pepnet.encoders" || version !== 1) {
    throw new CheckpointError({
      path: file,
      message: "unsupported format of encoders",
      received: `format ${shown(format)}, version ${shown(version)}`,
      expected: "pepnet.encoders, version 1",
      fix: "export the run again, or use the version of pepnet that wrote it",
    });
  }
  assertShape(file, value, encodersShape);
  const encoders = value as EncodersFile;
  assertConsistent(file, encoders);
  return encoders;
}

/** Checks that features encode, names are unique and, with domains, each tower has an output per domain. */
function assertConsistent(file: string, encoders: EncodersFile): void {
  const { domains, features, outputs } = encoders;
  const refuse = (at: string, received: string, expected: string): never => {
    throw new CheckpointError({
      path: `${file}: ${at}`,
      message: "the encoders are inconsistent",
      received,
      expected,
      fix: "export the run again",
    });
  };
  for (const [at, list] of Object.entries({ features, outputs })) {
    const twice = firstRepeated(list.map(({ name }) => name));
    if (twice !== undefined) refuse(at, `"${twice}" twice`, "unique names");
  }
  const faults = structureProblems(encodingSpec(encoders, false)).filter(({ path: at }) =>
    /^(features|derived)\./.test(at),
  );
  if (faults.length > 0) {
    throw new CheckpointError(faults.map((fault) => ({ ...fault, path: `${file}: ${fault.path}` })));
  }
  const domainsByOutput = new Map<string, Set<number | null>>();
  for (const { tower, kind, domain } of outputs) {
    const key = JSON.stringify([tower, kind]);
    domainsByOutput.set(key, (domainsByOutput.get(key) ?? new Set()).add(domain));
  }
  for (const [key, outputDomains] of domainsByOutput) {
    const expected = domains === null ? 1 : domains.count;
    const valid = [...outputDomains].every((domain) =>
      domains === null ? domain === null : domain !== null && domain < expected,
    );
    if (outputDomains.size !== expected || !valid)
      refuse("outputs", `${key} of ${outputDomains.size} domains`, `one per domain: ${expected}`);
  }
}

/** A spec for encoding only: the encoders' features, and optionally the domain column. */
export function encodingSpec({ encoded, domains, derived, features }: EncodersFile, withDomains: boolean): ModelSpec {
  return {
    ...emptySpec,
    derived,
    features: features.map((encoder) => encodedFeature(encoder, encoded)),
    domains: withDomains ? domains : null,
    extra: encoded ? { data_config: { fg_mode: "FG_NONE" } } : {},
  };
}

function encodedFeature(encoder: FeatureEncoder, encoded: boolean): FeatureSpec {
  const { name, separator, columns, dim: valueDim, normalizer } = encoder;
  const [rows, pooling] = encoder.kind === "values" ? [null, "sum" as const] : [encoder.rows, encoder.pooling];
  const common = {
    name,
    pooling,
    embeddingName: null,
    defaultValue: encoder.default,
    extra: {},
    separator: separator === usualSeparator(encoded) ? null : separator,
    sequence:
      encoder.kind === "sequence"
        ? { of: null, length: encoder.most ?? 1, delimiter: encoder.delimiter, extra: {} }
        : undefined,
  };
  const expression = `feature:${columns.at(-1) ?? name}`;
  if (rows === null || rows.kind === "boundaries") {
    const [boundaries, embeddingDim] = rows === null ? [[], null] : [rows.boundaries, 1];
    const pieces = encoder.kind === "values" ? encoder.pieces : undefined;
    return { ...common, kind: "raw", expression, valueDim, normalizer, boundaries, pieces, embeddingDim };
  }
  const ids = { ...common, ...idEncoding(rows), embeddingDim: 1 };
  if (encoder.kind === "sequence") {
    return { ...ids, kind: "id", expression, weighted: false, extra: { value_dim: encoder.several ? 0 : 1 } };
  }
  const { cross, weights } = encoder as IdsEncoder;
  if (cross === null) return { ...ids, kind: "id", expression, weighted: weights !== null };
  return { ...ids, kind: "combo", expressions: cross.map((column) => `feature:${column}`) };
}

function idEncoding(
  rows: Exclude<RowsRule, { kind: "boundaries" }>,
): Pick<IdFeatureSpec, "encoding" | "defaultBucket"> {
  if (rows.kind === "buckets") return { encoding: { kind: "buckets", count: rows.count }, defaultBucket: rows.outside };
  if (rows.kind === "hash") return { encoding: { kind: "hash", size: rows.size }, defaultBucket: null };
  return { encoding: { kind: "vocabDict", entries: rows.values }, defaultBucket: rows.outside };
}
