/**
 * A chain of steps on a table. Nothing runs until the result is asked for; consecutive steps in SQL run as one query.
 */
import { numberBuilder } from "../sources/duckdb/builders.js";
import type { DuckDBConnection } from "../sources/duckdb/index.js";
import type { Table } from "../table/table.js";
import { storedResult, tableRelation, withQueries } from "./engine.js";
import { type Frame, firstFrame, orderedSql } from "./frame.js";

/** The context in which a step builds its part of the query. */
export interface StepContext {
  /** A `DuckDBConnection`; declarations do not name DuckDB, whose types not every TypeScript reads. */
  readonly connection: object;
  /** Notes about the result. */
  readonly notes: string[];
}

/** A step as SQL. */
export interface SqlStep {
  readonly kind: "sql";
  /** For names and errors, such as `where("price > 3")`. */
  readonly name: string;
  /** Whether it only leaves rows out. */
  readonly isFilter?: boolean;
  /** Whether its rows are the data's, with other columns or in another order. */
  readonly keepsNotes: boolean;
  apply(frame: Frame, context: StepContext): Frame | Promise<Frame>;
}

/** A step on the table itself. */
export interface TableStep {
  readonly kind: "table";
  readonly name: string;
  readonly keepsNotes: boolean;
  apply(table: Table, notes: string[]): Table | Promise<Table>;
}

/** A step of a chain. */
export type Step = SqlStep | TableStep;

/** The result of a chain. */
export interface ChainResult {
  readonly table: Table;
  /** Notes of the steps. */
  readonly notes: readonly string[];
  /** Whether notes about the first table are about these rows too. */
  readonly keepsNotes: boolean;
}

/** Runs steps on a table. Throws a DataError with the failing step. */
export async function runChain(start: Table, steps: readonly Step[]): Promise<ChainResult> {
  const notes: string[] = [];
  let table = start;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at]!;
    if (step.kind === "table") {
      table = await step.apply(table, notes);
      at += 1;
      continue;
    }
    const together: SqlStep[] = [];
    for (let next = steps[at]; next?.kind === "sql"; next = steps[at]) {
      together.push(next);
      at += 1;
    }
    table = await runSql(table, together, notes);
  }
  return { table, notes, keepsNotes: steps.every(({ keepsNotes }) => keepsNotes) };
}

async function runSql(table: Table, steps: readonly SqlStep[], notes: string[]): Promise<Table> {
  const relation = await tableRelation(table);
  const place = `${table.source}: ${steps.map(({ name }) => name).join(", ")}`;
  const result = await withQueries(place, async (connection) => {
    let frame = firstFrame(table.source, relation, table.names);
    for (const step of steps) {
      frame = { ...(await step.apply(frame, { connection, notes })), name: `${frame.name}, ${stepVerb(step)}` };
    }
    // A selection of rows keeps what the source knows: exact texts, files and lines.
    if (steps.every(({ isFilter }) => isFilter === true)) return table.take(await rowNumbers(connection, frame));
    return storedResult(connection, orderedSql(frame), frame.name);
  });
  await table.assertUnchanged();
  return result;
}

function stepVerb({ name }: SqlStep): string {
  return name.slice(0, name.search(/[(]|$/));
}

/** The numbers of a filtered table's rows, ascending. */
async function rowNumbers(connection: DuckDBConnection, { relation, order }: Frame): Promise<Int32Array> {
  const result = await connection.stream(`SELECT CAST(${order} - 1 AS INTEGER) FROM ${relation} ORDER BY ${order}`);
  const rows = numberBuilder("integer", undefined, true);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    rows.append(chunk.getColumnVector(0), 0, chunk.rowCount);
  }
  const column = rows.finish();
  return column.kind === "number" ? Int32Array.from(column.values) : new Int32Array(0);
}
