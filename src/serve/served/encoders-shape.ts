/** Checks the shape and consistency of `encoders.json`, since an exported model may be untrusted. */
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";
import { structureProblems } from "../../spec/index.js";
import {
  assertShape,
  atMost,
  bool,
  count,
  derivedColumn,
  kinds,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  positive,
  recordOf,
  type Shape,
  shown,
  text,
} from "../../train/saved/index.js";
import { firstRepeated } from "../../util/text/near.js";
import { parseJson } from "../../util/text/parse-json.js";
import { exportedFiles } from "../files.js";
import type { EncodersFile } from "../format/encoder-types.js";
import { encodingSpec } from "./encoding-spec.js";

/** Largest number of values per feature: encoding allocates memory for them. */
const mostNumbers = 100_000;

/** Rows are 32-bit integers; larger ones would wrap around to other rows. */
const mostRows = 2 ** 31 - 1;
const row: Shape = (value, at) =>
  count(value, at) === null && Number(value) < mostRows
    ? null
    : { at, received: value, expected: `an integer from 0 to ${mostRows - 1}` };

const rows = kinds({
  buckets: object({ count: atMost(mostRows), outside: row }),
  hash: object({ size: atMost(mostRows) }),
  vocabulary: object({ values: recordOf(row), outside: row }),
  boundaries: object({ boundaries: listOf(number) }),
});

const pooling = oneOf(["sum", "mean"]);

const encoder = { name: text, columns: listOf(text), separator: text, default: text };

const feature = kinds({
  ids: object({
    ...encoder,
    cross: nullable(listOf(text)),
    rows,
    pooling,
    weights: nullable(text),
    dim: atMost(mostNumbers),
    normalizer: nullable(text),
  }),
  values: object({ ...encoder, dim: atMost(mostNumbers), normalizer: nullable(text) }),
  sequence: object({
    ...encoder,
    delimiter: text,
    most: nullable(count),
    rows: nullable(rows),
    several: bool,
    pooling,
    dim: atMost(mostNumbers),
    normalizer: nullable(text),
    length: nullable(text),
  }),
});

const output = object({
  name: text,
  tower: text,
  domain: nullable(count),
  kind: oneOf(["logits", "probs", "probs1", "y"]),
  classes: atMost(mostNumbers),
});

const encodersShape: Shape = object({
  encoded: bool,
  domains: nullable(object({ column: text, count: positive, names: nullable(listOf(text)) })),
  derived: optional(recordOf(derivedColumn)),
  features: listOf(feature),
  outputs: listOf(output),
});

/** Parses the encoders of an exported folder. @throws CheckpointError that names the file and the invalid location */
export function parseEncoders(folder: string, content: string): EncodersFile {
  const file = path.join(folder, exportedFiles.encoders);
  const value = readJson(file, content);
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

function readJson(file: string, content: string): unknown {
  try {
    return parseJson(content);
  } catch (cause) {
    const fix = "export the run again";
    const received = (cause as Error).message;
    throw new CheckpointError({ path: file, message: "the file is damaged: it is not JSON", received, fix }, { cause });
  }
}

/**
 * Checks that features can be encoded, names are unique, and, with domains, every tower has an output for each domain.
 */
function assertConsistent(file: string, encoders: EncodersFile): void {
  const { domains, features, outputs } = encoders;
  const refuse = (at: string, received: string, expected: string): never => {
    const fix = "export the run again";
    throw new CheckpointError({
      path: `${file}: ${at}`,
      message: "the encoders are inconsistent",
      received,
      expected,
      fix,
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
