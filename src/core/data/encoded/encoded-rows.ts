/** Encoded rows of a table: in memory if they are small, else in a file, from the cache if it has them. */
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { holdsSeveral } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { cacheFolder } from "../../util/files/cache-folder.js";
import { nextTurn } from "../../util/turns.js";
import { type BlockFile, DamagedFile } from "../block-file.js";
import { cacheLimit, type EntryWriter, unusable, withEntry, writeEntry, writePrivateEntry } from "../cache-folder.js";
import { PartCollector } from "../encode/collect-parts.js";
import { validParts } from "../encode/encode.js";
import { labelRule } from "../encode/labels.js";
import { type ComputedFeature, type EncodeOptions, type EncodingPlan, planEncoding } from "../encode/plan.js";
import { Report } from "../encode/report.js";
import { encodedBytes, layoutBytes } from "../row-buffer.js";
import type { SourceVersion } from "../sources/file-version.js";
import type { Table } from "../table/table.js";
import type { EncodedData } from "./encoded.js";
import { type EncodedRows, StreamedData } from "./streamed.js";

/** If you change encoded output, bump this version. */
const encodingVersion = 9;

/** The key of an entry: everything that the encoded rows depend on. @param selection rows of the source; `null`: all */
function cacheKey(version: SourceVersion, selection: Int32Array | null, plan: EncodingPlan): string {
  const { spec, encoded, features, labels, weights, domain, derived } = plan;
  const dependsOn = {
    encodingVersion,
    source: version.key,
    encoded,
    features: features.map(({ feature, columns }) => [columns, encodingKey(feature)]),
    labels: labels.map((label) => [label, labelRule(label, spec.towers).expected]),
    weights,
    domain: domain === null ? null : [domain.column, domain.count, domain.names],
    derived: [...derived],
  };
  const hash = createHash("sha256").update(JSON.stringify(dependsOn));
  if (selection !== null) hash.update(selection);
  return hash.digest("hex").slice(0, 40);
}

/** A feature without the settings that affect only its embedding: dimensions, pooling, sharing, display names. */
function encodingKey(feature: ComputedFeature): unknown {
  const { name, kind, defaultValue, separator, extra, sequence } = feature;
  const fallback = extra["fg_encoded_default_value"] ?? extra["fgEncodedDefaultValue"] ?? null;
  const positions = sequence === undefined ? null : [sequence.length, sequence.delimiter, holdsSeveral(feature)];
  const common = { name, kind, defaultValue, separator, fallback, positions };
  if (feature.kind === "raw") {
    const { boundaries, normalizer, valueDim, pieces } = feature;
    return { ...common, boundaries, normalizer, valueDim, pieces };
  }
  const { encoding, defaultBucket } = feature;
  return { ...common, encoding, defaultBucket, weighted: feature.kind === "id" && feature.weighted };
}

/** Where to keep encoded rows. */
export interface StorageOptions {
  /** Use the cache for encoded files. Default: `true`. */
  readonly cache?: boolean;
  /** Memory budget for data, in MB. Default: 1,024. Encoded rows up to a quarter of it are kept in memory. */
  readonly memoryMB?: number;
}

const defaultMegabytes = 1024;

export function heldBytes(memoryMB: number = defaultMegabytes): number {
  return (memoryMB * 2 ** 20) / 4;
}

/** Rows larger than a quarter of `memoryMB` stay on disk. Throws a DataError for rows that do not fit or changed. */
export async function encodedRows(
  table: Table,
  spec: ModelSpec,
  options: EncodeOptions & StorageOptions = {},
): Promise<EncodedRows> {
  const plan = planEncoding(table, spec, options);
  if (plan.report.problems.length > 0) for await (const _ of validParts(plan));
  await table.assertUnchanged();
  const version = await table.version();
  const isCached = version !== null && (options.cache ?? true);
  const key = version === null ? "unnamed" : cacheKey(version, table.selection, plan);
  const limit = heldBytes(options.memoryMB);
  const notes: string[] = [];
  const cachedRows = isCached
    ? await withEntry(cacheFolder(), key, notes, (file): Promise<EncodedRows> => opened(file, plan, limit, notes))
    : null;
  if (cachedRows !== null) return cachedRows;
  return encodeInto({ plan, key, isCached, limit, notes });
}

/** Throws a DamagedFile if the entry is not of this data and plan, whatever its checksums say. */
async function opened(file: BlockFile, plan: EncodingPlan, limit: number, notes: string[]) {
  const { table, features, labels, weights, domain } = plan;
  const expected = [
    ...features.map(({ feature }) => `feature ${feature.name}`),
    ...labels.map((name) => `label ${name}`),
    ...weights.map((name) => `weight ${name}`),
    ...(domain === null ? [] : ["domain "]),
  ];
  const stored = file.layout.columns.map(({ section, name }) => `${section} ${name}`);
  if (file.layout.rows !== table.rows || String(stored.sort()) !== String(expected.sort())) {
    throw new DamagedFile("it is of other rows or columns");
  }
  if (layoutBytes(file.layout) > limit) {
    await file.verify();
    return new StreamedData(file, notes);
  }
  const { data } = await file.readAll();
  file.close();
  return { ...data, warnings: file.layout.warnings, notes };
}

interface Encoding {
  readonly plan: EncodingPlan;
  readonly key: string;
  readonly isCached: boolean;
  readonly limit: number;
  readonly notes: string[];
}

async function encodeInto(encoding: Encoding): Promise<EncodedRows> {
  const { plan, notes } = encoding;
  let sinks: ReturnType<typeof openSinks> | null = null;
  try {
    for await (const { encoded: part } of validParts(plan)) {
      await nextTurn();
      sinks ??= openSinks(encoding, part);
      await sinks.append(part);
      await nextTurn();
    }
    await plan.table.assertUnchanged();
    return sinks!.finish(); // at least one part exists
  } catch (error) {
    sinks?.discard();
    if (!(error instanceof NothingKept)) throw error;
    // The cache's disk may be full, while another folder has space.
    notes.push(encoding.isCached ? error.message : `${error.message}; all rows are kept in memory`);
    const limit = encoding.isCached ? encoding.limit : Number.POSITIVE_INFINITY;
    return encodeInto({ ...encoding, isCached: false, limit, plan: { ...plan, report: new Report(plan.table) } });
  }
}

/** Thrown if the disk failed and the rows are not in memory either. */
class NothingKept extends Error {}

function openSinks(encoding: Encoding, first: EncodedData) {
  const { limit, notes } = encoding;
  const { table, report } = encoding.plan;
  const expected = (encodedBytes(first) / Math.max(1, first.rows)) * table.rows;
  const held = expected <= limit ? new PartCollector() : null;
  const entry = openEntry(encoding, expected, held !== null);
  let file: EntryWriter | null = entry.entry;
  const attempt = <T>(work: (entry: EntryWriter) => T): T | null => {
    if (file === null) return null;
    try {
      return work(file);
    } catch (error) {
      const reason = unusable(entry.folder, error);
      file.discard();
      file = null;
      if (held === null) throw new NothingKept(reason, { cause: error });
      notes.push(reason);
      return null;
    }
  };
  return {
    async append(part: EncodedData): Promise<void> {
      held?.append(part);
      await nextTurn();
      attempt(({ writer }) => writer.append(part));
    },
    finish(): EncodedRows {
      const written = attempt((whole) => {
        whole.writer.finish(report.warnings);
        return whole.keep();
      });
      if (held === null) return new StreamedData(written!, notes);
      written?.close();
      return { ...held.finish(), warnings: report.warnings, notes };
    },
    discard: () => file?.discard(),
  };
}

/** Opens a file for the rows: in the cache, or a temporary file of this process if they must be on disk. */
function openEntry({ key, isCached, notes }: Encoding, expected: number, held: boolean) {
  const folder = cacheFolder();
  if (isCached && expected > cacheLimit()) {
    notes.push("the encoded rows exceed the cache limit (PEPNET_CACHE_GB) and were not cached");
  } else if (isCached) {
    try {
      return { entry: writeEntry(folder, key), folder };
    } catch (error) {
      notes.push(unusable(folder, error));
    }
  }
  const other = tmpdir();
  try {
    return { entry: held ? null : writePrivateEntry(), folder: other };
  } catch (error) {
    throw new NothingKept(unusable(other, error), { cause: error });
  }
}
