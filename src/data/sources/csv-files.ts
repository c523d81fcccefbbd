/**
 * CSV files as a source. The type of a column is derived from all its cells by one rule (`cells/cell-classes.ts`),
 * whether our threads read the files (large plain files) or DuckDB does.
 */
import { statSync } from "node:fs";
import { DataError, type Problem } from "../../errors/index.js";
import { hasMarks } from "../cells/cell-classes.js";
import { type Utf8Texts, utf8Texts } from "./delimited/bytes/utf8-texts.js";
import { csvColumns, nullNotes, typedClasses } from "./delimited/csv-columns.js";
import { type Dialect, readDialect } from "./delimited/dialect.js";
import type { CsvOptions } from "./delimited/options.js";
import { type ScannedFile, textsSql } from "./delimited/read-sql.js";
import { type FileRecords, scanFile } from "./delimited/scan/scan-file.js";
import { changed, openRelation, readable } from "./duckdb/relation.js";
import { fileVersions } from "./files/file-version.js";
import { oneTable } from "./files/one-table.js";
import { readCached, scanKey, writeCached } from "./files/scan-cache.js";
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
  readonly texts: Utf8Texts;
}

/** Opens CSV files as one source. */
export async function csvSource(opened: Opened, files: readonly string[], reading: CsvReading = {}): Promise<Source> {
  const { header, names, separator, nulls, encoding, types } = reading;
  const version = fileVersions(files, JSON.stringify([header, names, separator, nulls, encoding, types]));
  const before = await version();
  const texts = await utf8Texts(files, reading, version);
  return texts.naming(async () => {
    const source = await textSource({ ...opened, texts, version }, reading);
    const now = await version();
    if (now.key !== before.key) throw changed(opened.name, before, now, source.rows, source.rows);
    return texts.named(source);
  });
}

/** Opened files that are UTF-8. */
interface OpenedTexts extends Opened {
  readonly texts: Utf8Texts;
  readonly version: () => Promise<SourceVersion>;
}

async function textSource(opened: OpenedTexts, reading: CsvReading): Promise<Source> {
  const { name, texts, version } = opened;
  const { files } = texts;
  const dialects = await readDialects(texts, reading, opened.opened);
  try {
    const { names, notes } = oneTable(
      name,
      files.map((file, index) => {
        const { names, isNumbered } = dialects[index]!;
        return { file: texts.nameOf(file), names, isNumbered };
      }),
    );
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const opening: Opening = { name, files, dialects, names, version, bytes, reading, texts };
    const lines = await plainLinesIn(opening);
    const source =
      lines === null
        ? await relationSource(opening)
        : await plainSource({ name, lines, delimiter: dialects[0]!.separator, names, version });
    const allNotes = [...dialects.flatMap((dialect) => dialect.notes), ...notes, ...(source.notes ?? [])];
    return { ...source, notes: [...new Set(allNotes)] };
  } catch (error) {
    // Not every comma is followed by a space: then the spaces belong to the fields.
    if (!(error instanceof DataError) || !dialects.some(({ separator }) => isDetected(separator, reading))) throw error;
    return textSource(opened, { ...reading, separator: "," });
  }
}

function isDetected(separator: string, { separator: stated }: CsvReading): boolean {
  return separator === ", " && stated === undefined;
}

/** The dialect of each file; throws a DataError with all problems of the files. */
async function readDialects(texts: Utf8Texts, options: CsvReading, opened: Opened["opened"]): Promise<Dialect[]> {
  const problems: Problem[] = [];
  const dialects: Dialect[] = [];
  for (const file of texts.files) {
    options.signal?.throwIfAborted();
    try {
      dialects.push(await readDialect(file, options, opened));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new DataError(problems);
  const separators = new Set(dialects.map(({ separator }) => separator));
  if (separators.size === 2 && separators.has(",") && [...separators].some((each) => isDetected(each, options))) {
    return readDialects(texts, { ...options, separator: "," }, opened);
  }
  if (separators.size > 1) {
    throw new DataError({
      path: texts.files.map(texts.nameOf).join(", "),
      message: "the files have different separators",
      received: [...separators].map((separator) => JSON.stringify(separator)).join(", "),
      fix: "open each file separately",
    });
  }
  return dialects;
}

/** Files that DuckDB reads as text and casts if all cells of a column are numbers. */
async function relationSource(opening: Opening): Promise<Source> {
  const { name, files, names, version, reading } = opening;
  const scanned = await scannedFiles(opening);
  const texts = textsSql(scanned, names);
  const table = await csvColumns(name, { names, texts, classes: mergeClasses(scanned, names), options: reading });
  const rows = new Map(scanned.map(({ file, records }) => [file, records.rows]));
  const explain = () => opening.texts.naming(() => firstFault(scanned));
  const open = () =>
    openRelation({
      name,
      relation: (asWritten) => table.relation(asWritten),
      columns: table.columns,
      rows: scanned.reduce((sum, { records }) => sum + records.rows, 0), // a file may be listed twice
      reading: table.reading,
      written: new Set(table.columns.filter(({ type }) => type === "float").map((column) => column.name)),
      locate: locator(files, async (file) => rows.get(file)!),
      explain,
      version,
    });
  return { ...(await readable(name, open, explain)), notes: nullNotes(scanned, table) };
}

/** The scan result of each file; results of large files come from the cache. */
async function scannedFiles({ files, dialects, version, bytes, reading }: Opening): Promise<ScannedFile[]> {
  const { cache = true, keptFrom = 32 << 20, signal } = reading;
  const before = await version();
  const key = cache && bytes >= keptFrom ? scanKey({ scanned: before.key, dialects }) : null;
  const cachedScans =
    key === null ? null : readCached<readonly (FileRecords & { readonly classes: readonly number[] })[]>(key);
  const all: ScannedFile[] = [];
  for (const [index, file] of files.entries()) {
    const dialect = dialects[index]!;
    const cachedScan = cachedScans?.[index];
    const records =
      cachedScan === undefined
        ? await scanFile(file, dialect, { csv: reading, signal })
        : { ...cachedScan, classes: Uint8Array.from(cachedScan.classes) };
    all.push({ file, dialect, records });
  }
  if (key !== null && cachedScans === null && (await version()).key === before.key) {
    writeCached(
      key,
      all.map(({ records }) => ({ ...records, classes: [...records.classes] })),
    );
  }
  return all;
}

/** The bits of the table's columns over all files. */
function mergeClasses(files: readonly ScannedFile[], names: readonly string[]): Uint8Array {
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
async function plainLinesIn(opening: Opening): Promise<PlainLines | null> {
  // The threads know neither texts for missing values nor types that the caller sets.
  const lines = (opening.reading.nulls?.length ?? 0) > 0 ? null : await scannedLines(opening);
  if (lines === null || lines.classes.some(hasMarks)) return null;
  const classes = typedClasses(opening.names, lines.classes, opening.reading.types ?? {});
  return classes === null ? null : { ...lines, classes };
}

async function scannedLines({ files, dialects, names, version, bytes, reading }: Opening): Promise<PlainLines | null> {
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
  const key = cache && bytes >= keptFrom ? scanKey({ lines: before.key, shape }) : null;
  const cachedLines = key === null ? null : readCached<PlainLines & { readonly classes: readonly number[] }>(key);
  if (cachedLines !== null) return { ...cachedLines, classes: Uint8Array.from(cachedLines.classes) };
  const lines = await plainLines(files, starts as number[], shape, rangeBytes);
  if (lines === null || lines.rows === 0) return null;
  if (key !== null && (await version()).key === before.key) writeCached(key, { ...lines, classes: [...lines.classes] });
  return lines;
}
