/** Queries over named tables, with rows in a defined order: that of `order by`, the data's, or by all columns. */
import { DataError } from "../../errors/index.js";
import { checksumFile } from "../../util/files/checksums.js";
import { getOrMake } from "../../util/growing.js";
import { SharedValue, throwIfInterrupted } from "../../util/interrupt.js";
import {
  type Connection,
  duckdbWords,
  fileList,
  openDatabase,
  placeLiteral,
  withConnection,
} from "../sources/duckdb.js";
import {
  newPrivateFile,
  privateFilesFolder,
  removeWith,
  type Source,
  type SourceVersion,
} from "../sources/file-version.js";
import { identifier, literal } from "../sources/names.js";
import { openRelation, refuseRepeats } from "../sources/relation.js";
import type { RawColumn } from "../table/column.js";
import { Table, textAsTimes, writeParquet } from "../table/table.js";

/** One thread runs all queries, so that sums of floats and ties come in the same order on every machine. */

let shared: ReturnType<typeof openDatabase> | null = null;

/**
 * Runs `work` with a connection of the query engine. @param place of the errors, such as `where("a > 1")`
 * @param instance another engine than the shared one
 */
export async function withQueries<T>(
  place: string,
  work: (connection: Connection) => Promise<T>,
  instance: ReturnType<typeof openDatabase> | null = null,
): Promise<T> {
  shared ??= openDatabase(":memory:", queryEngine());
  const queries = await (instance ?? shared);
  try {
    return await withConnection(work, queries);
  } catch (error) {
    throwIfInterrupted();
    if (error instanceof DataError) throw error;
    const words = duckdbWords(error);
    const fix = habits.find(([answer, text]) => answer.test(words) && text.test(place))?.[2];
    throw new DataError({ path: place, message: `DuckDB refuses this: ${words}`, fix, cause: error });
  }
}

/** The settings of a query engine. */
export function queryEngine(): Readonly<Record<string, string>> {
  return { threads: "1", temp_directory: privateFilesFolder() };
}

/** Patterns that people write who come from other languages: DuckDB's message, the text in the step that causes it, and the fix. */
const habits: readonly (readonly [RegExp, RegExp, string])[] = [
  [/===|!==/, /[=!]==/, "equality is = in SQL, and inequality <>"],
  [/./, /`/, "text needs single quotes in SQL, such as city = 'Bonn', and names of columns double quotes"],
  [
    /Referenced (column|table)/,
    /\\"/,
    "text needs single quotes in SQL, such as city = 'Bonn'; double quotes are for names",
  ],
  [/[&|]\(BOOLEAN|syntax error|[&|]{2}/, /[&|]/, "conditions are joined by and, or and not in SQL, not by & and |"],
];

const bases = new WeakMap<Table, SharedValue<string>>();

/** SQL of a table's rows in their order; rows that DuckDB cannot read in place are written to a private file once. */
export async function tableRelation(table: Table): Promise<string> {
  await table.assertUnchanged();
  const columns = table.columns.map(({ name, type }) => {
    const column = identifier(name);
    // NaN is a missing value everywhere else; DuckDB would take it for the largest number.
    return type === "float" ? `CASE WHEN isnan(${column}) THEN NULL ELSE ${column} END AS ${column}` : column;
  });
  return `(SELECT ${columns.join(", ")} FROM ${table.relation ?? (await writtenOnce(table))})`;
}

function writtenOnce(table: Table): Promise<string> {
  return getOrMake(bases, table, () => new SharedValue<string>()).get(() => writtenRelation(table));
}

async function writtenRelation(table: Table): Promise<string> {
  refuseRepeats(table.source, table.names);
  const file = await newPrivateFile(".parquet", (fresh) => writeParquet(table.columns, timedParts(table), fresh));
  removeWith(table, file);
  return parquetRelation(file);
}

/** ISO times of a CSV file are timestamps in SQL. */
async function* timedParts(table: Table): AsyncGenerator<ReadonlyMap<string, RawColumn>> {
  const times = new Set(table.columns.flatMap(({ name, type }) => (type === "timestamp" ? [name] : [])));
  for await (const { columns } of table.parts()) {
    yield new Map([...columns].map(([name, column]) => [name, (times.has(name) && textAsTimes(column)) || column]));
  }
}

function parquetRelation(file: string): string {
  return `read_parquet(${fileList([file])}, hive_partitioning = false)`;
}

export async function storedSource(connection: Connection, sql: string, name: string): Promise<Source> {
  const columns = (await connection.rows(`DESCRIBE ${sql}`)).map(({ column_name, column_type }) => {
    const column = identifier(String(column_name));
    // Parquet has no integers of 128 bits; sums of integers have this type.
    return /^U?HUGEINT$/.test(String(column_type)) ? `CAST(${column} AS DECIMAL(38, 0)) AS ${column}` : column;
  });
  const selected = `SELECT ${columns.join(", ")} FROM (${sql}\n)`;
  const file = await newPrivateFile(".parquet", (fresh) => {
    return connection.run(`COPY (${selected}) TO ${placeLiteral(fresh)} (FORMAT parquet)`);
  });
  const relation = parquetRelation(file);
  const options = { name, relation, locate: async (row: number) => ({ source: name, row }) };
  const source = await openRelation(options);
  // The source's functions hold its options.
  removeWith(options, file);
  const version = new SharedValue<SourceVersion>();
  return {
    ...source,
    relation,
    version: () => version.get(async () => ({ key: (await checksumFile(file))!, about: name })),
  };
}

/** Operators that return rows in the order in which they read them. */
const inOrder =
  /^(PROJECTION|FILTER|SEQ_SCAN|TABLE_SCAN|READ_PARQUET|PARQUET_SCAN|READ_CSV|READ_CSV_AUTO|STREAMING_LIMIT|LIMIT|DUMMY_SCAN|EMPTY_RESULT|UNNEST|COLUMN_DATA_SCAN|STREAMING_WINDOW)\s*$/;

export async function queryTables(
  query: string,
  tables: Readonly<Record<string, Table>>,
  notes: string[],
): Promise<Table> {
  return new Table(await querySource(query, tables, notes));
}

export async function querySource(
  query: string,
  tables: Readonly<Record<string, Table>>,
  notes: string[],
): Promise<Source> {
  const excerpt = `${query.trim().slice(0, 60)}${query.trim().length > 60 ? "…" : ""}`;
  const place = `sql(${JSON.stringify(excerpt)})`;
  const relations = await Promise.all(
    Object.entries(tables).map(async ([name, table]) => [name, await tableRelation(table)] as const),
  );
  const source = await withQueries(place, async (connection) => {
    for (const [name, relation] of relations) {
      await connection.run(`CREATE TEMP VIEW ${identifier(name)} AS SELECT * FROM ${relation}`);
    }
    const sql = await withoutEnd(connection, query.trim());
    const modifiers = await selectModifiers(connection, sql, place);
    refuseRepeats(place, await connection.names(sql));
    noteRandom(sql, notes);
    const isSorted = modifiers.includes("ORDER_MODIFIER");
    if (isSorted || (await keepsOrder(connection, sql))) return storedSource(connection, sql, `query "${excerpt}"`);
    if (modifiers.includes("LIMIT_MODIFIER")) {
      const message = "limit without order by would take arbitrary rows";
      throw new DataError({ path: place, message, fix: "add order by before limit" });
    }
    notes.push("sql without order by: the rows are sorted by all columns, from left to right");
    return storedSource(connection, `SELECT * FROM (${sql}\n) ORDER BY ALL`, `query "${excerpt}"`);
  });
  // Tables, and with them their files, stay until here.
  for (const table of Object.values(tables)) await table.assertUnchanged();
  return source;
}

/** Adds a note if the SQL draws at random, and so returns different rows each time. */
export function noteRandom(sql: string, notes: string[]): void {
  const bare = sql.replace(/'[^']*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\//g, "''");
  const call = /\b(random|uuid|uuidv4|uuidv7|gen_random_uuid)\s*\(/i.exec(bare)?.[1];
  const isSample = /\b(using\s+sample|tablesample)\b/i.test(bare) && !/\brepeatable\s*\(/i.test(bare);
  if (call === undefined && !isSample) return;
  const what = call === undefined ? "a sample without a seed" : `${call}()`;
  const instead = isSample
    ? "data.sample(1000, 7), or `repeatable (7)` behind the sample"
    : "hash(id) for a fixed order";
  notes.push(`sql: ${what} returns something else each time, so a colleague gets other rows; use ${instead}`);
}

/** The query without a final semicolon and the comments after it, so that it can be placed in parentheses. */
async function withoutEnd(connection: Connection, query: string): Promise<string> {
  for (const { index } of query.matchAll(/;/g)) {
    const rest = query.slice(index).replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, "");
    const before = query.slice(0, index);
    // A semicolon inside a text or a name: what is before it does not parse.
    if (/^[;\s]*$/.test(rest) && !(await parsedSql(connection, before)).error) return before;
  }
  return query;
}

/** The outermost clauses, such as `ORDER_MODIFIER`. Throws a DataError unless the query is one select statement. */
async function selectModifiers(connection: Connection, sql: string, path: string): Promise<readonly string[]> {
  const parsed = await parsedSql(connection, sql);
  const [statement, ...more] = parsed.statements ?? [];
  if (parsed.error || statement === undefined || more.length > 0) {
    throw new DataError({
      path,
      message: more.length > 0 ? "more than one statement" : `not a query: ${parsed.error_message ?? "empty"}`,
      expected: 'one select statement, such as "select * from data where price > 3"',
    });
  }
  return statement.node.modifiers.map(({ type }) => type);
}

interface ParsedSql {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly { readonly node: { readonly modifiers: readonly { readonly type: string }[] } }[];
}

async function parsedSql(connection: Connection, sql: string): Promise<ParsedSql> {
  const [row] = await connection.rows(`SELECT json_serialize_sql(${literal(sql)}) AS parsed`);
  return JSON.parse(String(row?.["parsed"])) as ParsedSql;
}

interface PlanNode {
  readonly name: string;
  readonly children?: readonly PlanNode[];
}

async function keepsOrder(connection: Connection, sql: string): Promise<boolean> {
  const rows = await connection.rows(`EXPLAIN (FORMAT json) ${sql}`);
  const plan = JSON.parse(String(rows[0]?.["explain_value"])) as readonly PlanNode[];
  const isKept = ({ name, children = [] }: PlanNode): boolean =>
    inOrder.test(name) && children.length <= 1 && children.every(isKept);
  return plan.every(isKept);
}
