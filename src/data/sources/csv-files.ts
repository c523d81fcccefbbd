/** CSV files as a source: DuckDB finds their types; their rows are read by threads of our own where they are plain. */
import { statSync } from "node:fs";
import { DataError, type Problem } from "../../errors/index.js";
import type { ColumnInfo } from "../column.js";
import {
  anotherType,
  conversionProblem,
  csvOptions,
  delimiterOf,
  encodingProblem,
  headerBytes,
  headerOf,
  raggedLine,
} from "./csv.js";
import { countRows, fileList, identifier, literal, queryRows } from "./duckdb.js";
import { fileVersions } from "./file-version.js";
import { type PlainLines, plainLines } from "./plain-csv/plain-csv.js";
import { plainSource } from "./plain-csv/plain-source.js";
import { openRelation, readable } from "./relation.js";
import { locator, type Source } from "./source.js";

/** How CSV files are read. */
export interface CsvReading {
  /** Bytes from which threads of our own read plain files. Default: 1 MiB. */
  readonly threadsFrom?: number;
  /** Bytes that a thread reads at a time. Default: 8 MiB. */
  readonly rangeBytes?: number;
}

/** Opens CSV files as one source. */
export async function csvSource(name: string, files: readonly string[], reading: CsvReading = {}): Promise<Source> {
  const delimiter = csvDelimiter(files);
  const lines = await linesOf(files, reading);
  // Threads find out where a later value is of another type; DuckDB takes it for one of the type it was told.
  const options = csvOptions(delimiter, lines === null ? "all rows" : "first rows");
  const detecting = `union_by_name = true, hive_partitioning = false, ${options}`;
  const relation = `read_csv(${fileList(files)}, ${detecting})`;
  const explain = async (words: string) => conversionProblem(words) ?? encodingProblem(words) ?? firstRaggedLine(files);
  const locate = locator(files, (file) => countRows(`read_csv(${fileList([file])}, ${detecting})`));
  const source = await readable(
    name,
    () =>
      openRelation({
        name,
        relation,
        locate,
        explain,
        version: fileVersions(files),
        knowing: (columns) => knownCsv(files, columns, options) ?? relation,
        ...(lines === null ? {} : { rows: lines.rows }),
      }),
    explain,
  );
  if (lines === null) return source;
  const assertWhole = async (integers: readonly ColumnInfo[]): Promise<void> => {
    const fraction = await firstFraction(files, detecting, integers);
    if (fraction === null) return;
    const { source: file, row } = await locate(fraction.row);
    const place = `${file}: row ${row} (from 0)`;
    throw new DataError(anotherType(file, place, fraction.column, fraction.value, "DOUBLE"));
  };
  return plainSource(source, { lines, delimiter, assertWhole });
}

/** `null`: DuckDB reads the files. */
async function linesOf(files: readonly string[], reading: CsvReading): Promise<PlainLines | null> {
  const { threadsFrom = 1 << 20, rangeBytes = 8 << 20 } = reading;
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  if (bytes < threadsFrom || new Set(files.map(headerOf)).size > 1) return null;
  const headers = files.map(headerBytes);
  return headers.includes(null) ? null : plainLines(files, headers as number[], rangeBytes);
}

/** The first value of these columns that is no whole number. */
async function firstFraction(
  files: readonly string[],
  detecting: string,
  integers: readonly ColumnInfo[],
): Promise<{ readonly row: number; readonly column: string; readonly value: string } | null> {
  if (integers.length === 0) return null;
  const types = integers.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(", ");
  const texts = `read_csv(${fileList(files)}, ${detecting}, types = {${types}})`;
  const numbered = `SELECT row_number() OVER () - 1 AS row, * FROM ${texts}`;
  const isFraction = (name: string): string => {
    const value = `TRY_CAST(${identifier(name)} AS DOUBLE)`;
    return `${value} <> round(${value})`;
  };
  for (const { name } of integers) {
    const [found] = await queryRows(
      `SELECT row, ${identifier(name)} AS value FROM (${numbered}) WHERE ${isFraction(name)} ORDER BY row LIMIT 1`,
    );
    if (found) return { row: Number(found["row"]), column: name, value: String(found["value"]) };
  }
  return null;
}

async function firstRaggedLine(files: readonly string[]): Promise<Problem | null> {
  for (const file of files) {
    const problem = await raggedLine(file);
    if (problem !== null) return problem;
  }
  return null;
}

/**
 * CSV files whose columns are known: without looking at their rows again for their types. `null` where that may read
 * otherwise: files with other headers, or dates, whose format is found by looking.
 */
function knownCsv(files: readonly string[], columns: readonly ColumnInfo[], options: string): string | null {
  if (files.some((file) => /\.zst$/i.test(file)) || new Set(files.map(headerOf)).size > 1) return null;
  if (columns.some(({ type }) => type !== "integer" && type !== "float" && type !== "text" && type !== "boolean")) {
    return null;
  }
  const types = columns.map(({ name, sourceType }) => `${literal(name)}: ${literal(sourceType)}`);
  const known = `auto_detect = false, columns = {${types.join(", ")}}`;
  return `read_csv(${fileList(files)}, hive_partitioning = false, ${options}, ${known})`;
}

/** One delimiter for all files of a table. */
function csvDelimiter(files: readonly string[]): string {
  const readable = files.filter((file) => !/\.zst$/i.test(file));
  const found = new Set(readable.map(delimiterOf));
  if (found.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "the files have different separators",
      fix: "open them one by one",
    });
  }
  return [...found][0] ?? ",";
}
