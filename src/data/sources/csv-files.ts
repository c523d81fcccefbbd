/**
 * CSV files as a source. The type of a column is derived from all its cells by one rule (`cells/cell-classes.ts`),
 * whether our threads read the files (large plain files) or DuckDB does.
 */
import { statSync } from "node:fs";
import { DataError, type Problem } from "../../errors/index.js";
import { columnOfCells, kindOfCells } from "../cells/cell-classes.js";
import { type Dialect, dialectOf } from "./delimited/dialect.js";
import type { CsvOptions } from "./delimited/options.js";
import { type ScannedFile, textsSql } from "./delimited/read-sql.js";
import { type FileRecords, scanFile } from "./delimited/scan/scan-file.js";
import { identifier } from "./duckdb/duckdb.js";
import { changed, openRelation, readable } from "./duckdb/relation.js";
import { fileVersions } from "./files/file-version.js";
import { keep, kept, keyOf } from "./files/kept.js";
import { oneTable } from "./files/one-table.js";
import { type PlainLines, plainLines } from "./plain-csv/plain-csv.js";
import { plainSource } from "./plain-csv/plain-source.js";
import { locator, type Source, type SourceVersion } from "./source.js";

/** How to read CSV files. */
export interface CsvReading extends CsvOptions {
  /** The minimum size, in bytes, of plain files read by our threads. Default: 1 MiB. */
  readonly threadsFrom?: number;
  /** Bytes that a thread reads at a time. Default: 8 MiB. */
  readonly rangeBytes?: number;
  /** Cache the scan of large files. Default: `true`. */
  readonly cache?: boolean;
  /** The minimum size, in bytes, for the cache. Default: 32 MiB. */
  readonly keptFrom?: number;
  /** Aborts the scan of the files. */
  readonly signal?: AbortSignal | undefined;
}

/** The number of columns from which threads also read small files. */
const manyColumns = 500;

/** The opened source. */
export interface Opened {
  /** Its display name. */
  readonly name: string;
  /** For the suggested calls in errors. */
  readonly opened: string | readonly string[];
}

/** The files of one table. */
interface Opening {
  readonly name: string;
  readonly files: readonly string[];
  readonly dialects: readonly Dialect[];
  /** The table's column names. */
  readonly names: readonly string[];
  readonly version: () => Promise<SourceVersion>;
  readonly bytes: number;
  readonly reading: CsvReading;
}

/** Opens CSV files as one source. */
export async function csvSource(
  { name, opened }: Opened,
  files: readonly string[],
  reading: CsvReading = {},
): Promise<Source> {
  const { header, names: given, separator } = reading;
  const version = fileVersions(files, JSON.stringify([header, given, separator]));
  const before = await version();
  const dialects = await dialectsOf(files, reading, opened);
  const { names, notes } = oneTable(
    name,
    files.map((file, index) => ({ file, names: dialects[index]!.names })),
  );
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const opening: Opening = { name, files, dialects, names, version, bytes, reading };
  const lines = await linesOf(opening);
  const source =
    lines === null
      ? await relationSource(opening)
      : await plainSource({ name, lines, delimiter: dialects[0]!.separator, names, version });
  const now = await version();
  if (now.key !== before.key) throw changed(name, before, now, source.rows, source.rows);
  return { ...source, notes: [...new Set([...dialects.flatMap((dialect) => dialect.notes), ...notes])] };
}

/** The dialect of each file; throws a DataError with all problems of the files. */
async function dialectsOf(files: readonly string[], options: CsvReading, opened: Opened["opened"]): Promise<Dialect[]> {
  const problems: Problem[] = [];
  const dialects: Dialect[] = [];
  for (const file of files) {
    options.signal?.throwIfAborted();
    try {
      dialects.push(await dialectOf(file, options, opened));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new DataError(problems);
  const separators = new Set(dialects.map(({ separator }) => separator));
  if (separators.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "the files have different separators",
      received: [...separators].map((separator) => JSON.stringify(separator)).join(", "),
      fix: "open each file separately",
    });
  }
  return dialects;
}

/** Files that DuckDB reads as text and casts if all cells of a column are numbers. */
async function relationSource(opening: Opening): Promise<Source> {
  const { name, files, names, version } = opening;
  const scanned = await scannedFiles(opening);
  const texts = textsSql(scanned, names);
  const classes = classesOf(scanned, names);
  const columns = names.map((column, index) => columnOfCells(column, classes[index]!));
  const types = new Map(names.map((column, index) => [column, readTypes[kindOfCells(classes[index]!)]]));
  const relation = (asWritten: readonly string[]): string => {
    const kept = new Set(asWritten);
    const casts = [...types].map(([column, type]) => {
      const cell = identifier(column);
      return type === "VARCHAR" || kept.has(column) ? cell : `CAST(${cell} AS ${type}) AS ${cell}`;
    });
    return `(SELECT ${casts.join(", ")} FROM ${texts})`;
  };
  const rows = new Map(scanned.map(({ file, records }) => [file, records.rows]));
  const explain = () => firstFault(scanned);
  const open = () =>
    openRelation({
      name,
      relation,
      columns,
      rows: scanned.reduce((sum, { records }) => sum + records.rows, 0), // a file may be listed twice
      reading: columns.map((column) => ({ ...column, ...(types.get(column.name) === "VARCHAR" ? asText : {}) })),
      written: new Set(columns.filter(({ type }) => type === "float").map((column) => column.name)),
      locate: locator(files, async (file) => rows.get(file)!),
      explain,
      version,
    });
  return readable(name, open, explain);
}

const asText = { type: "text", sourceType: "VARCHAR" } as const;
const readTypes = { integer: "BIGINT", float: "DOUBLE", digits: "VARCHAR", text: "VARCHAR" } as const;

/** The scan result of each file; results of large files come from the cache. */
async function scannedFiles({ files, dialects, version, bytes, reading }: Opening): Promise<ScannedFile[]> {
  const { cache = true, keptFrom = 32 << 20, signal } = reading;
  const before = await version();
  const key = cache && bytes >= keptFrom ? keyOf({ scanned: before.key, dialects }) : null;
  const known = key === null ? null : kept<readonly (FileRecords & { readonly classes: readonly number[] })[]>(key);
  const all: ScannedFile[] = [];
  for (const [index, file] of files.entries()) {
    const dialect = dialects[index]!;
    const found = known?.[index];
    const records =
      found === undefined
        ? await scanFile(file, dialect, signal)
        : { ...found, classes: Uint8Array.from(found.classes) };
    all.push({ file, dialect, records });
  }
  if (key !== null && known === null && (await version()).key === before.key) {
    keep(
      key,
      all.map(({ records }) => ({ ...records, classes: [...records.classes] })),
    );
  }
  return all;
}

/** The bits of the table's columns over all files. */
function classesOf(files: readonly ScannedFile[], names: readonly string[]): Uint8Array {
  const places = new Map(names.map((name, index) => [name.toLowerCase(), index]));
  const classes = new Uint8Array(names.length);
  for (const { dialect, records } of files) {
    for (const [column, name] of dialect.names.entries()) {
      const place = places.get(name.toLowerCase())!;
      classes[place] = classes[place]! | records.classes[column]!;
    }
  }
  return classes;
}

/** A problem that a new scan finds. */
async function firstFault(files: readonly ScannedFile[]): Promise<Problem | null> {
  for (const { file, dialect } of files) {
    try {
      await scanFile(file, dialect);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return error.problems[0] ?? null;
    }
  }
  return null;
}

/** Files that our threads read; `null`: DuckDB reads the files. */
async function linesOf({ files, dialects, names, version, bytes, reading }: Opening): Promise<PlainLines | null> {
  const { threadsFrom = 1 << 20, rangeBytes = 8 << 20, cache = true, keptFrom = 32 << 20 } = reading;
  const [{ separator }] = dialects as [Dialect];
  const isAlike = dialects.every((dialect) => dialect.names.every((name, index) => name === names[index]));
  // DuckDB plans every column of a query, which is slow for many columns.
  const isSmall = bytes < threadsFrom && names.length < manyColumns;
  if (isSmall || separator.length > 1 || !isAlike) return null;
  const starts = dialects.map(({ plainStart }) => plainStart);
  if (starts.includes(null)) return null;
  const shape = { delimiter: separator.charCodeAt(0), columns: names.length };
  const before = await version();
  const key = cache && bytes >= keptFrom ? keyOf({ lines: before.key, shape }) : null;
  const known = key === null ? null : kept<PlainLines & { readonly classes: readonly number[] }>(key);
  if (known !== null) return { ...known, classes: Uint8Array.from(known.classes) };
  const lines = await plainLines(files, starts as number[], shape, rangeBytes);
  if (lines === null || lines.rows === 0) return null;
  if (key !== null && (await version()).key === before.key) keep(key, { ...lines, classes: [...lines.classes] });
  return lines;
}
