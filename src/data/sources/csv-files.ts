/**
 * CSV files as a source. What a column holds is found from all of its cells, by one rule (`cells/cell-classes.ts`), whether
 * threads of our own read the files, as they do large plain ones, or DuckDB.
 */
import { statSync } from "node:fs";
import { DataError, type Problem } from "../../errors/index.js";
import { columnOfCells, kindOfCells } from "../cells/cell-classes.js";
import { csvOptions, delimiterOf, encodingProblem, headerBytes, headerOf, raggedLine } from "./csv.js";
import { cellClasses } from "./csv-classes.js";
import { countRows, describeRelation, fileList, identifier, literal } from "./duckdb.js";
import { fileVersions } from "./file-version.js";
import { keepLines, keptLines, linesKey } from "./plain-csv/kept-lines.js";
import { type PlainLines, plainLines } from "./plain-csv/plain-csv.js";
import { plainSource } from "./plain-csv/plain-source.js";
import { changed, openRelation, readable } from "./relation.js";
import { locator, type Source, type SourceVersion } from "./source.js";

/** How CSV files are read. */
export interface CsvReading {
  /** Bytes from which threads of our own read plain files. Default: 1 MiB. */
  readonly threadsFrom?: number;
  /** Bytes that a thread reads at a time. Default: 8 MiB. */
  readonly rangeBytes?: number;
  /** Keep what large files hold for the next time, and take it from there. Default: `true`. */
  readonly cache?: boolean;
  /** Bytes from which it is worth that. Default: 32 MiB. */
  readonly keptFrom?: number;
}

/** Opens CSV files as one source. */
export async function csvSource(name: string, files: readonly string[], reading: CsvReading = {}): Promise<Source> {
  const delimiter = csvDelimiter(files);
  const explain = async (words: string) => encodingProblem(words) ?? firstRaggedLine(files);
  return readable(
    name,
    async () => {
      const version = fileVersions(files);
      const before = await version();
      const names = (await describeRelation(textsOf(files, delimiter))).map((column) => column.name);
      const lines = await linesOf(files, delimiter, names.length, version, reading);
      const source =
        lines === null
          ? await relationSource(name, files, delimiter, names, explain)
          : await plainSource({ name, lines, delimiter, names, version });
      const now = await version();
      if (now.key !== before.key) throw changed(name, before, now, source.rows, source.rows);
      return source;
    },
    explain,
  );
}

async function relationSource(
  name: string,
  files: readonly string[],
  delimiter: string,
  names: readonly string[],
  explain: (words: string) => Promise<Problem | null>,
): Promise<Source> {
  const texts = textsOf(files, delimiter, sameHeaders(files) ? names : null);
  const { classes, rows } = await cellClasses(texts, names);
  const columns = names.map((column, index) => columnOfCells(column, classes[index] as number));
  const types = new Map(names.map((column, index) => [column, readTypes[kindOfCells(classes[index] as number)]]));
  const relation = (asWritten: readonly string[]): string => {
    const casts = [...types].map(([column, type]) => {
      const cell = identifier(column);
      return type === "VARCHAR" || asWritten.includes(column) ? cell : `CAST(${cell} AS ${type}) AS ${cell}`;
    });
    return `(SELECT ${casts.join(", ")} FROM ${texts})`;
  };
  return openRelation({
    name,
    relation,
    columns,
    rows,
    reading: columns.map((column) => ({ ...column, ...(types.get(column.name) === "VARCHAR" ? asText : {}) })),
    written: new Set(columns.filter(({ type }) => type === "float").map((column) => column.name)),
    locate: locator(files, (file) => countRows(textsOf([file], delimiter))),
    explain,
    version: fileVersions(files),
  });
}

const asText = { type: "text", sourceType: "VARCHAR" } as const;
const readTypes = { integer: "BIGINT", float: "DOUBLE", digits: "VARCHAR", text: "VARCHAR" } as const;

/** The files' cells as text; with their names known, without looking for them. */
function textsOf(files: readonly string[], delimiter: string, names: readonly string[] | null = null): string {
  const options = csvOptions(delimiter);
  const columns = names?.map((column) => `${literal(column)}: 'VARCHAR'`).join(", ");
  const found = columns === undefined ? "union_by_name = true, all_varchar = true" : "auto_detect = false";
  return `read_csv(${fileList(files)}, hive_partitioning = false, ${options}, ${found}${columns ? `, columns = {${columns}}` : ""})`;
}

function sameHeaders(files: readonly string[]): boolean {
  return !files.some((file) => /\.zst$/i.test(file)) && new Set(files.map(headerOf)).size === 1;
}

/** `null`: DuckDB reads the files. */
async function linesOf(
  files: readonly string[],
  delimiter: string,
  columns: number,
  version: () => Promise<SourceVersion>,
  reading: CsvReading,
): Promise<PlainLines | null> {
  const { threadsFrom = 1 << 20, rangeBytes = 8 << 20, cache = true, keptFrom = 32 << 20 } = reading;
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  if (bytes < threadsFrom || !sameHeaders(files)) return null;
  const headers = files.map(headerBytes);
  if (headers.includes(null)) return null;
  const shape = { delimiter: delimiter.charCodeAt(0), columns };
  const before = await version();
  const key = cache && bytes >= keptFrom ? linesKey(before.key, shape) : null;
  const kept = key === null ? null : keptLines(key);
  if (kept !== null) return kept;
  const lines = await plainLines(files, headers as number[], shape, rangeBytes);
  if (lines === null || lines.rows === 0) return null;
  if (key !== null && (await version()).key === before.key) keepLines(key, lines);
  return lines;
}

async function firstRaggedLine(files: readonly string[]): Promise<Problem | null> {
  for (const file of files) {
    const problem = await raggedLine(file);
    if (problem !== null) return problem;
  }
  return null;
}

/** One delimiter for all files of a table. */
function csvDelimiter(files: readonly string[]): string {
  const readableFiles = files.filter((file) => !/\.zst$/i.test(file));
  const found = new Set(readableFiles.map(delimiterOf));
  if (found.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "the files have different separators",
      fix: "open them one by one",
    });
  }
  return [...found][0] ?? ",";
}
