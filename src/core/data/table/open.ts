/** Opens a table from files, a query, a frame, or rows and columns in memory. */
import { DataError, type Problem } from "../../errors/index.js";
import { noteFiles } from "../../port/notebook.js";
import { throwIfInterrupted } from "../../util/interrupt.js";
import { count } from "../../util/text.js";
import { inTurns } from "../../util/turns.js";
import { querySource } from "../query/sql.js";
import { csvSource } from "../sources/csv/csv-source.js";
import {
  assertCsvOptions,
  type CsvOptions,
  type CsvReading,
  misplacedOptions,
  repeatProblems,
  saysCsv,
} from "../sources/csv/options.js";
import { countRows, duckdbWords, fileList, queryRows } from "../sources/duckdb.js";
import { fileVersions, locator, type Source } from "../sources/file-version.js";
import { type Columns, type FrameLike, isFrame, readingMemory, rowColumns } from "../sources/memory.js";
import { identifier, literal } from "../sources/names.js";
import { oneTable } from "../sources/one-table.js";
import { assertNameable, detectFormat, expandPath, fileProblem } from "../sources/paths.js";
import { openRelation, readable, readThrough } from "../sources/relation.js";
import type { ColumnInfo } from "./column.js";
import { type Roles, rolesKey } from "./roles.js";
import { Table } from "./table.js";

/** JSON objects, one per line or in an array. All rows decide the columns; texts that look like dates stay texts. */

/** The structure of values as DuckDB writes it: a type, the structure of a list's items, or that of an object. */
type Structure = string | readonly [Structure] | { readonly [key: string]: Structure };

const options = `format = 'auto', maximum_object_size = ${1 << 25}`;

async function jsonSource(name: string, files: readonly string[]): Promise<Source> {
  const version = fileVersions(files);
  const explain = async (words: string): Promise<Problem | null> => malformed(words);
  const open = async (): Promise<Source> => {
    const tables = await Promise.all(files.map(readStructures));
    const { names, notes } = oneTable(
      name,
      files.map((file, index) => ({ file, names: Object.keys(tables[index]!) })),
    );
    const all = files.length === 1 ? tables[0]! : await mergedStructure(files, name);
    const columns = names.map((column) => `${literal(column)}: ${literal(sqlType(all[column] ?? "VARCHAR"))}`);
    const read = (paths: readonly string[]): string =>
      `read_json(${fileList(paths)}, ${options}, columns = {${columns.join(", ")}})`;
    const locate = locator(files, (file) => countRows(read([file])));
    const source = await openRelation({ name, relation: read(files), locate, version, explain });
    const mixed = names.filter((column) => all[column] === "JSON");
    const mixes = mixed.map((column) => `column "${column}" mixes kinds of values and is read as text`);
    return { ...source, notes: [...notes, ...mixes] };
  };
  return readable(name, open, explain);
}

async function readStructures(file: string): Promise<Readonly<Record<string, Structure>>> {
  const columns = await mergedStructure([file], file);
  const repeated = repeatProblems(file, Object.keys(columns));
  if (repeated.length > 0) throw new DataError(repeated);
  return columns;
}

async function mergedStructure(files: readonly string[], name: string): Promise<Readonly<Record<string, Structure>>> {
  const [row] = await queryRows(
    `SELECT json_group_structure(json) AS structure FROM read_json_objects(${fileList(files)}, ${options})`,
  );
  const text = row?.["structure"];
  const structure = (typeof text === "string" ? JSON.parse(text) : {}) as Structure;
  if (typeof structure !== "object" || Array.isArray(structure)) {
    throw new DataError({
      path: name,
      message: "the file does not contain JSON objects",
      received: `values such as ${String(text).slice(0, 60)}`,
      expected: 'one object a line, such as {"user_id": 1, "clk": 0}, or an array of objects',
    });
  }
  return structure as Readonly<Record<string, Structure>>;
}

function sqlType(structure: Structure): string {
  if (Array.isArray(structure)) return `${sqlType(structure[0] as Structure)}[]`;
  if (typeof structure === "object") {
    const fields = Object.entries(structure).map(([key, value]) => `${identifier(key)} ${sqlType(value)}`);
    return fields.length === 0 ? "VARCHAR" : `STRUCT(${fields.join(", ")})`;
  }
  return structure === "NULL" || structure === "JSON" ? "VARCHAR" : structure;
}

function malformed(words: string): Problem | null {
  const [, file, line, reason] =
    /Malformed JSON in file "(.*)", at byte \d+ in (?:line|record\/value) (\d+): (.*)/.exec(words) ?? [];
  if (file === undefined) return null;
  return {
    path: `${file}: line ${line}`,
    message: `not valid JSON: ${reason?.trim().replace(/\.$/, "")}`,
    expected: "one object a line, or an array of objects",
    fix: "correct the line, or write the file again",
  };
}

export async function fileSource(paths: readonly string[], options: CsvReading = {}): Promise<Source> {
  const files = (await Promise.all(paths.map(expandPath))).flat();
  for (const file of files) assertNameable(file);
  const format = await detectFormat(files, saysCsv(options));
  if (format !== "csv" && saysCsv(options)) throw misplacedOptions(files[0]!, formatWords[format]);
  const problems = files.flatMap((file) => fileProblem(file, format) ?? []);
  if (problems.length > 0) throw new DataError(problems);
  noteFiles(files);
  const name = paths.length === 1 ? paths[0]! : `${paths.length} files`;
  if (format === "parquet") return parquetSource(name, files);
  if (format === "json") return jsonSource(name, files);
  if (format === "arrow") throw new DataError({ path: name, message: "Arrow files are not read", fix: parquetFix });
  return csvSource({ name, opened: paths.length === 1 ? paths[0]! : paths }, files, options);
}

const parquetFix = 'write the table as Parquet, in pandas: df.to_parquet("table.parquet")';
const formatWords = { parquet: "a Parquet file", json: "a JSON file", arrow: "an Arrow file" } as const;

async function parquetSource(name: string, files: readonly string[]): Promise<Source> {
  const explain = (): Promise<Problem | null> => firstDamaged(files);
  const relation = `read_parquet(${fileList(files)}, union_by_name = true, hive_partitioning = false)`;
  const locate = locator(files, (file) => countRows(`read_parquet(${fileList([file])})`));
  const version = fileVersions(files);
  const open = async (): Promise<Source> => {
    const notes = await parquetNotes(name, files);
    const roles = await parquetRoles(files);
    const source = await openRelation({ name, relation, locate, explain, version });
    await refuseTwins(source.columns, files);
    return { ...source, notes, relation, roles };
  };
  return readable(name, open, explain);
}

async function parquetNotes(name: string, files: readonly string[]): Promise<readonly string[]> {
  if (files.length === 1) return [];
  // The first row of each file's schema is its root; a field is followed by its children.
  const rows = await queryRows(
    `SELECT file_name AS file, name, coalesce(num_children, 0) AS children FROM parquet_schema(${fileList(files)})`,
  );
  const empty = (file: string) => ({ file, names: [] as string[], open: [] as number[] });
  const tables = new Map(files.map((file) => [file, empty(file)]));
  for (const { file, name: column, children } of rows) {
    // The numbers of remaining fields, by depth.
    const { names, open } = tables.get(String(file)) ?? empty("");
    if (open.length === 1) names.push(String(column));
    if (open.length > 0) open[open.length - 1]! -= 1;
    if (Number(children) > 0) open.push(Number(children));
    while (open.length > 1 && open.at(-1) === 0) open.pop();
  }
  return oneTable(name, [...tables.values()]).notes;
}

/** The roles that the files keep, if all keep the same. */
async function parquetRoles(files: readonly string[]): Promise<Roles> {
  const rows = await queryRows(
    `SELECT DISTINCT decode(value) AS roles FROM parquet_kv_metadata(${fileList(files)}) WHERE decode(key) = ${literal(rolesKey)}`,
  );
  if (rows.length !== 1) return {};
  try {
    return JSON.parse(String(rows[0]!["roles"])) as Roles;
  } catch {
    return {}; // written by another program under our key
  }
}

/** The first unreadable file; `null` if all can be read. Called after a failure only, since it reads whole files. */
async function firstDamaged(files: readonly string[]): Promise<Problem | null> {
  for (const file of files) {
    const relation = `read_parquet(${fileList([file])}, hive_partitioning = false)`;
    try {
      await readThrough(relation);
    } catch (error) {
      throwIfInterrupted();
      const message = `the Parquet file is damaged: ${duckdbWords(error)}`;
      return { path: file, message, fix: "copy or write the file again" };
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

/** A query that DuckDB runs: `{ sql: "select * from 'x.parquet' where clk is not null" }`. */
export interface SqlSource {
  /** One select statement; its files are relative to the working directory. */
  readonly sql: string;
  /** Tables by the names that the query uses. Default: none. */
  readonly tables?: Readonly<Record<string, Table>>;
}

/**
 * The sources of a table: a path, glob or folder of Parquet, CSV or JSON lines files, or several; a query; a
 * danfo DataFrame; rows as objects; columns as (typed) arrays; a table, which is
 * returned unchanged.
 */
export type TableSource =
  | string
  | readonly string[]
  | SqlSource
  | FrameLike
  | readonly Readonly<Record<string, unknown>>[]
  | Columns
  | Table;

const mostRows = 2 ** 31 - 1;

export interface OpenOptions extends CsvOptions {
  /** Cache the scan of a large CSV file. Default: `true`. */
  readonly cache?: boolean;
}

/** Opens a table; a text is a path. Throws a DataError for a source that cannot be read or has no rows. */
export async function openTable(source: TableSource, options: OpenOptions = {}): Promise<Table> {
  if (source instanceof Table) return source;
  assertCsvOptions(options);
  if (saysCsv(options) && !isPaths(source)) throw misplacedOptions("data", "rows that are not in files");
  const opened = await open(source, options);
  if (opened.rows > mostRows) {
    throw new DataError({
      path: opened.name,
      message: "too many rows",
      received: count(opened.rows, "row"),
      expected: `at most ${count(mostRows, "row")}`,
      fix: "open some of the files, or select some of the rows by a query",
    });
  }
  if (opened.rows === 0) throw new DataError({ path: opened.name, message: "no rows", expected: "at least one row" });
  const table = new Table(opened);
  return table.withRoles(table.roles);
}

async function open(source: Exclude<TableSource, Table>, options: OpenOptions): Promise<Source> {
  if (typeof source === "string") return fileSource([source], options);
  if (isFrame(source)) {
    const data = source.getColumnData;
    const columns = source.columns.map((name, index) => [name, data[index] ?? []] as const);
    return inTurns(readingMemory("data frame", columns));
  }
  if (Array.isArray(source)) {
    if (source.length > 0 && source.every((item) => typeof item === "string")) return fileSource(source, options);
    if (source.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))) {
      return inTurns(readingMemory("rows in memory", await inTurns(rowColumns(source))));
    }
    throw unknownSource("an array that mixes paths, row objects or other values");
  }
  if (typeof source !== "object" || source === null) throw unknownSource(String(source));
  const { sql, tables = {} } = source as SqlSource;
  if (typeof sql === "string") {
    const notes: string[] = [];
    return { ...(await querySource(sql, tables, notes)), notes };
  }
  const columns = Object.entries(source as Columns);
  const wrong = columns.find(([, values]) => !Array.isArray(values) && !ArrayBuffer.isView(values));
  if (wrong) throw unknownSource(`an object whose "${wrong[0]}" is not an array`);
  return inTurns(readingMemory("columns in memory", columns));
}

function isPaths(source: Exclude<TableSource, Table>): boolean {
  return typeof source === "string" || (Array.isArray(source) && source.every((item) => typeof item === "string"));
}

function unknownSource(received: string): DataError {
  return new DataError({
    path: "data",
    message: "not a source of rows",
    received,
    expected: "a path, { sql: a query }, a danfo DataFrame, an array of row objects or an object of columns",
  });
}
