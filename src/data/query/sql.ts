/**
 * A query by the user over tables that it calls by names. Its result has a defined order: that of `order by`, or that of
 * the data if the query only filters and computes, or else by all columns.
 */
import { DataError } from "../../errors/index.js";
import { queryNames } from "../sources/duckdb/duckdb.js";
import { type DuckDBConnection, identifier, literal } from "../sources/duckdb/index.js";
import { refuseRepeats } from "../sources/duckdb/relation.js";
import type { Source } from "../sources/source.js";
import { Table } from "../table/table.js";
import { smallRows, storedSource, tableRelation, withQueries } from "./engine.js";

/** Operators that return rows in the order in which they read them. */
const inOrder =
  /^(PROJECTION|FILTER|SEQ_SCAN|TABLE_SCAN|READ_PARQUET|PARQUET_SCAN|READ_CSV|READ_CSV_AUTO|STREAMING_LIMIT|LIMIT|DUMMY_SCAN|EMPTY_RESULT|UNNEST|COLUMN_DATA_SCAN|STREAMING_WINDOW)\s*$/;

/** Runs one select statement. @param tables by the names that the query uses, such as `data` */
export async function queryTables(
  query: string,
  tables: Readonly<Record<string, Table>>,
  notes: string[],
): Promise<Table> {
  return new Table(await querySource(query, tables, notes));
}

/** {@link queryTables} as a source. */
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
  return withQueries(place, async (connection) => {
    for (const [name, relation] of relations) {
      await connection.run(`CREATE TEMP VIEW ${identifier(name)} AS SELECT * FROM ${relation}`);
    }
    const sql = await withoutEnd(connection, query.trim());
    const statement = await selectStatement(connection, sql, place);
    refuseRepeats(place, await queryNames(connection, sql));
    const isSorted = statement.modifiers.includes("ORDER_MODIFIER");
    if (isSorted || (await keepsOrder(connection, sql))) return storedSource(connection, sql, `query "${excerpt}"`);
    if (statement.modifiers.includes("LIMIT_MODIFIER")) {
      throw new DataError({
        path: place,
        message: "limit without order by would take arbitrary rows",
        fix: "add order by before limit",
      });
    }
    notes.push("sql without order by: the rows are sorted by all columns, from left to right");
    return storedSource(connection, `SELECT * FROM (${sql}\n) ORDER BY ALL`, `query "${excerpt}"`);
  });
}

/** The query without a final semicolon and the comments behind it, so that it can stand in parentheses. */
async function withoutEnd(connection: DuckDBConnection, query: string): Promise<string> {
  for (const { index } of query.matchAll(/;/g)) {
    const rest = query.slice(index).replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, "");
    const before = query.slice(0, index);
    // A semicolon inside a text or a name: what is before it does not parse.
    if (/^[;\s]*$/.test(rest) && !(await parsedSql(connection, before)).error) return before;
  }
  return query;
}

interface Statement {
  /** The outermost clauses, such as `ORDER_MODIFIER`. */
  readonly modifiers: readonly string[];
}

/** Throws a DataError unless the query is one select statement. */
async function selectStatement(connection: DuckDBConnection, sql: string, path: string): Promise<Statement> {
  const parsed = await parsedSql(connection, sql);
  const [statement, ...more] = parsed.statements ?? [];
  if (parsed.error || statement === undefined || more.length > 0) {
    throw new DataError({
      path,
      message: more.length > 0 ? "more than one statement" : `not a query: ${parsed.error_message ?? "empty"}`,
      expected: 'one select statement, such as "select * from data where price > 3"',
    });
  }
  return { modifiers: statement.node.modifiers.map(({ type }) => type) };
}

interface ParsedSql {
  readonly error: boolean;
  readonly error_message?: string;
  readonly statements?: readonly { readonly node: { readonly modifiers: readonly { readonly type: string }[] } }[];
}

async function parsedSql(connection: DuckDBConnection, sql: string): Promise<ParsedSql> {
  const [row] = await smallRows(connection, `SELECT json_serialize_sql(${literal(sql)}) AS parsed`);
  return JSON.parse(String(row?.["parsed"])) as ParsedSql;
}

interface PlanNode {
  readonly name: string;
  readonly children?: readonly PlanNode[];
}

async function keepsOrder(connection: DuckDBConnection, sql: string): Promise<boolean> {
  const rows = await smallRows(connection, `EXPLAIN (FORMAT json) ${sql}`);
  const plan = JSON.parse(String(rows[0]?.["explain_value"])) as readonly PlanNode[];
  const isKept = ({ name, children = [] }: PlanNode): boolean =>
    inOrder.test(name) && children.length <= 1 && children.every(isKept);
  return plan.every(isKept);
}
