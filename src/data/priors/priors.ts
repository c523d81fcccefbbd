/** The verb `priors`: for each row, what was known before it of its user, its item, or any other key. */
import { DataError } from "../../errors/index.js";
import { throwIfInterrupted } from "../../util/interrupt.js";
import { count } from "../../util/text.js";
import { type TableStep, tableStep } from "../query/history.js";
import { queryEngine, storedSource, withQueries } from "../query/sql.js";
import { type Connection, openDatabase, withConnection } from "../sources/duckdb.js";
import { identifier } from "../sources/names.js";
import { Table } from "../table/table.js";
import { type Base, writeBase } from "./base.js";
import { type CountedLevels, countLevels } from "./levels.js";
import { newColumns, type PriorColumn, type PriorsOptions, type PriorsPlan, planPriors } from "./plan.js";
import { innerColumn, ratesSql } from "./rates.js";

/** Sorting needs this much; more than half of the budget is left to the rows that JavaScript holds. */
const leastMegabytes = 128;
const defaultMegabytes = 1024;

/** Runs `work` on a query engine of its own within half of a budget, in MB. */
export async function withinMemory<T>(
  place: string,
  memoryMB: number = defaultMegabytes,
  work: (connections: { readonly read: Connection; readonly write: Connection }) => Promise<T>,
): Promise<T> {
  const limit = `${Math.max(leastMegabytes, Math.round(memoryMB / 2))}MiB`;
  const instance = openDatabase(":memory:", { ...queryEngine(), memory_limit: limit });
  try {
    return await withQueries(
      place,
      async (read) => withConnection((write) => work({ read, write }), await instance),
      instance,
    );
  } catch (error) {
    throwIfInterrupted();
    const isFull = error instanceof DataError && /Out of Memory/i.test(error.message);
    if (!isFull) throw error;
    throw new DataError({
      path: place,
      message: "the memory for data is too small",
      received: `memoryMB: ${memoryMB}`,
      fix: `dataset(…, { memoryMB: ${memoryMB * 2} })`,
      cause: error,
    });
  } finally {
    (await instance).closeSync();
  }
}

export function priorsStep(labels: readonly string[], options: PriorsOptions, memoryMB: number | undefined): TableStep {
  return tableStep("priors", async (table, notes) => {
    const plan = planPriors(table, labels, options, notes);
    const place = `${table.source}: priors`;
    const source = await withinMemory(place, memoryMB, async (connections) => {
      const base = await writeBase(connections.read, table, plan, notes);
      let levels: CountedLevels | null = null;
      try {
        levels = await countLevels(connections, base, plan, true);
        const sql = columnsSql(base, plan, levels, table.names);
        if (plan.after !== null) notes.push(await burnInNote(connections.read, base, plan));
        return await storedSource(connections.read, sql, `${table.source}, priors`);
      } finally {
        levels?.remove();
        base.remove();
      }
    });
    await table.assertUnchanged();
    return new Table(source);
  });
}

/** SQL of the data with the new columns. */
function columnsSql(base: Base, plan: PriorsPlan, levels: CountedLevels, names: readonly string[]): string {
  const data = `(SELECT ${names.map((name, at) => `${identifier(name)} AS c${at}`).join(", ")} FROM ${base.source})`;
  const parts = [data, base.relation, ...levels.relations].map((relation, at) => `${relation} AS part${at}`);
  const joined = `(SELECT * FROM ${parts.join(" POSITIONAL JOIN ")})`;
  // Files are read in their order by one thread; a row that came elsewhere would get another's history.
  const isInOrder = levels.relations.map((_, level) => `row${level} = "row"`).join(" AND ");
  const columns = [
    ...names.map((name, at) => `c${at} AS ${identifier(name)}`),
    ...newColumns(plan).map((column, at) => {
      const value = columnSql(column);
      const checked = `CASE WHEN ${isInOrder} THEN ${value} ELSE error('rows out of order') END`;
      return `${at === 0 ? checked : value} AS ${identifier(column.name)}`;
    }),
  ];
  const burnIn = plan.after === null ? "" : ` WHERE t >= ${base.first + plan.after}`;
  return `SELECT ${columns.join(", ")} FROM ${ratesSql(plan, levels.strengths, joined)}${burnIn}`;
}

export function columnSql({ level, label, kind, window }: PriorColumn): string {
  return innerColumn(level, label, kind, window);
}

async function burnInNote(connection: Connection, base: Base, plan: PriorsPlan): Promise<string> {
  const [facts] = await connection.rows(
    `SELECT count(*) AS rows FROM ${base.relation} WHERE t IS NULL OR t < ${base.first + plan.after!}`,
  );
  const dropped = Number(facts?.["rows"]);
  return `priors: the first ${count(dropped, "row")} of ${count(base.rows, "row")} are left out (after), and are history of the others`;
}
