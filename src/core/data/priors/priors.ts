/** The verb `priors`: adds to each row what was known before it about its user, its item, or any other key. */
import { SharedValue } from "../../util/interrupt.js";
import { count, grouped } from "../../util/text.js";
import { type TableStep, tableStep } from "../query/history.js";
import { storedSource } from "../query/sql.js";
import type { Connection } from "../sources/duckdb.js";
import type { Source } from "../sources/file-version.js";
import { identifier } from "../sources/names.js";
import { Table } from "../table/table.js";
import { type Base, writeBase } from "./base.js";
import { type CountedLevels, countLevels } from "./levels.js";
import { withinMemory } from "./memory.js";
import { newColumns, type PriorsOptions, type PriorsPlan, planPriors } from "./plan.js";
import { columnSql, ratesSql } from "./rates.js";
import { stateSource } from "./state.js";

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
    const state = new SharedValue<Source>();
    const counted = () =>
      withinMemory(`${place}State`, memoryMB, (connections) => stateSource(connections, table, plan));
    return new Table({ ...source, priorsState: () => state.get(counted) });
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

async function burnInNote(connection: Connection, base: Base, plan: PriorsPlan): Promise<string> {
  const [facts] = await connection.rows(
    `SELECT count(*) AS rows FROM ${base.relation} WHERE t IS NULL OR t < ${base.first + plan.after!}`,
  );
  const dropped = Number(facts?.["rows"]);
  return `priors: the first ${grouped(dropped)} of ${count(base.rows, "row")} are left out (after), and are history of the others`;
}
