/**
 * Parquet and CSV files: a path, a glob, a folder or a list of them, read through DuckDB as one relation.
 */
import { DataError, type Problem } from "../../errors/index.js";
import { noteFiles } from "../../port/index.js";
import type { ColumnInfo } from "../table/column.js";
import { arrowSource } from "./arrow.js";
import { csvSource } from "./csv/csv-source.js";
import { type CsvReading, misplacedOptions, saysCsv } from "./csv/options.js";
import { countRows, describeRelation, fileList, literal, queryRows, readThrough } from "./duckdb/duckdb.js";
import { duckdbWords, openRelation, readable } from "./duckdb/relation.js";
import { fileVersions } from "./file-version.js";
import { jsonSource } from "./json-files.js";
import { oneTable } from "./one-table.js";
import { assertNameable, checkFile, detectFormat, expandPath } from "./paths.js";
import { locator, type Source } from "./source.js";

/** Opens files as one source, in the order of the paths, with each glob's files sorted. */
export async function fileSource(paths: readonly string[], options: CsvReading = {}): Promise<Source> {
  const files = (await Promise.all(paths.map(expandPath))).flat();
  for (const file of files) assertNameable(file);
  const format = await detectFormat(files, saysCsv(options));
  if (format !== "csv" && saysCsv(options)) throw misplacedOptions(files[0]!, formatWords[format]);
  const problems = files.flatMap((file) => checkFile(file, format));
  if (problems.length > 0) throw new DataError(problems);
  noteFiles(files);
  const name = paths.length === 1 ? paths[0]! : `${paths.length} files`;
  if (format === "parquet") return parquetSource(name, files);
  if (format === "json") return jsonSource(name, files);
  if (format === "arrow") return arrowSource(name, files);
  return csvSource({ name, opened: paths.length === 1 ? paths[0]! : paths }, files, options);
}

const formatWords = { parquet: "a Parquet file", json: "a JSON file", arrow: "an Arrow file" } as const;

async function parquetSource(name: string, files: readonly string[]): Promise<Source> {
  const explain = (): Promise<Problem | null> => firstDamaged(files);
  const notes = await readable(name, () => parquetNotes(name, files), explain);
  const relation = `read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
  const locate = locator(files, (file) => countRows(`read_parquet(${fileList([file])})`));
  const version = fileVersions(files);
  const source = await readable(name, () => openRelation({ name, relation, locate, explain, version }), explain);
  await readable(name, () => refuseTwins(source.columns, files), explain);
  return { ...source, notes, relation };
}

/** Notes about the columns of several files. Throws a DataError if the files contain different tables. */
async function parquetNotes(name: string, files: readonly string[]): Promise<readonly string[]> {
  if (files.length === 1) return [];
  // The first row of each file's schema is its root; names of nested columns follow their parents'.
  const rows = await queryRows(
    `SELECT file_name AS file, name, coalesce(num_children, 0) AS children FROM parquet_schema(${fileList(files)})`,
  );
  const columns = new Map<string, { readonly name: string; readonly children: number }[]>(
    files.map((file) => [file, []]),
  );
  for (const { file, name: column, children } of rows) {
    columns.get(String(file))?.push({ name: String(column), children: Number(children) });
  }
  return oneTable(
    name,
    [...columns].map(([file, fields]) => ({ file, names: topNames(fields) })),
  ).notes;
}

/** The top level of a schema that lists each field before its children, root first. */
function topNames(fields: readonly { readonly name: string; readonly children: number }[]): string[] {
  const names: string[] = [];
  // The number of remaining fields at each depth.
  const open: number[] = [];
  for (const { name, children } of fields) {
    if (open.length === 1) names.push(name);
    if (open.length > 0) open[open.length - 1]! -= 1;
    if (children > 0) open.push(children);
    while (open.length > 1 && open.at(-1) === 0) open.pop();
  }
  return names;
}

/** The first unreadable file; `null` if all can be read. Reads whole files, after a failure only. */
async function firstDamaged(files: readonly string[]): Promise<Problem | null> {
  for (const file of files) {
    const relation = `read_parquet(${fileList([file])}, hive_partitioning = false)`;
    try {
      const columns = await describeRelation(relation);
      await readThrough(
        relation,
        columns.map(({ name }) => name),
      );
    } catch (error) {
      return {
        path: file,
        message: `the Parquet file is damaged: ${duckdbWords(error)}`,
        fix: "copy or write the file again",
      };
    }
  }
  return null;
}

/** DuckDB renames the second of two equal columns to `clk_1`, so a Parquet file with duplicates is rejected. */
async function refuseTwins(columns: readonly ColumnInfo[], files: readonly string[]): Promise<void> {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const bases = columns.flatMap(({ name }) => /^(.+)_\d+$/.exec(name)?.[1]?.toLowerCase() ?? []);
  const suspects = bases.filter((name) => names.has(name));
  if (suspects.length === 0) return;
  const twins = await queryRows(
    `SELECT file_name AS file, min(name) AS name FROM parquet_schema(${fileList(files)})
     WHERE lower(name) IN (${suspects.map(literal).join(", ")})
     GROUP BY file_name, lower(name) HAVING count(*) > 1 ORDER BY file, name`,
  );
  const problems = twins.map(({ file, name }) => ({
    path: String(file),
    message: `duplicate column "${name}"`,
    fix: "give each column a different name; letter case is ignored",
  }));
  if (problems.length > 0) throw new DataError(problems);
}
