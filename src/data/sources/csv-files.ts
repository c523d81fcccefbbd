/**
 * CSV files as a source. What a column holds is found from all of its cells, by one rule (`cells/cell-classes.ts`), whether
 * threads of our own read the files, as they do large plain ones, or DuckDB.
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

/** How CSV files are read. */
export interface CsvReading extends CsvOptions {
  /** Bytes from which threads of our own read plain files. Default: 1 MiB. */
  readonly threadsFrom?: number;
  /** Bytes that a thread reads at a time. Default: 8 MiB. */
  readonly rangeBytes?: number;
  /** Keep what large files hold for the next time, and take it from there. Default: `true`. */
  readonly cache?: boolean;
  /** Bytes from which it is worth that. Default: 32 MiB. */
  readonly keptFrom?: number;
  /** Ends the look at the files. */
  readonly signal?: AbortSignal | undefined;
}

/** Columns from which threads read small files, too. */
const manyColumns = 500;

/** What the caller opened. */
export interface Opened {
  /** For people. */
  readonly name: string;
  /** For calls that open it otherwise. */
  readonly opened: string | readonly string[];
}

/** The files of one table. */
interface Opening {
  readonly name: string;
  readonly files: readonly string[];
  readonly dialects: readonly Dialect[];
  /** Of the table's columns. */
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

/** How each file is written; throws a DataError with what is wrong with any of them. */
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
      fix: "open them one by one",
    });
  }
  return dialects;
}

/** Files that DuckDB reads, as text that is cast where all cells of a column are numbers. */
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

/** Each file with what a scan finds in it; what was found in large files before is taken from the cache. */
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

/** Something that a scan finds wrong with a file now. */
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

/** What threads of our own read; `null`: DuckDB reads the files. */
async function linesOf({ files, dialects, names, version, bytes, reading }: Opening): Promise<PlainLines | null> {
  const { threadsFrom = 1 << 20, rangeBytes = 8 << 20, cache = true, keptFrom = 32 << 20 } = reading;
  const [{ separator }] = dialects as [Dialect];
  const isAlike = dialects.every((dialect) => dialect.names.every((name, index) => name === names[index]));
  // DuckDB plans every column of a query, which takes long where there are many.
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
