/** Steps of a query: a relation has the data's columns and one more, the order of its rows. */
import { DataError, type Problem } from "../../errors/index.js";
import { timeParts } from "../../util/epoch.js";
import { didYouMean, listNames } from "../../util/names.js";
import { identifier } from "../sources/names.js";

export interface Frame {
  readonly name: string;
  /** SQL of the rows, with the columns `names` and {@link Frame.order}. */
  readonly relation: string;
  readonly names: readonly string[];
  readonly order: string;
  /** Whether DuckDB's single thread also reads the rows in this order; a join may read either side first. */
  readonly isInOrder: boolean;
}

export function firstFrame(name: string, relation: string, names: readonly string[]): Frame {
  const order = freeColumn("row order", names);
  const numbered = `(SELECT *, row_number() OVER () AS ${order} FROM ${relation})`;
  return { name, relation: numbered, names, order, isInOrder: true };
}

/** A column for use inside a query, as an SQL identifier: `name`, with underscores if a column has that name. */
export function freeColumn(name: string, names: readonly string[]): string {
  const used = new Set(names.map((other) => other.toLowerCase()));
  let free = name;
  while (used.has(free)) free = `${free}_`;
  return identifier(free);
}

function withoutNan(value: string): string {
  const isNan = `typeof(${value}) IN ('DOUBLE', 'FLOAT') AND isnan(TRY_CAST(${value} AS DOUBLE))`;
  return `CASE WHEN ${isNan} THEN NULL ELSE ${value} END`;
}

/** The frame with null for NaN, such as 0 / 0, in these columns. */
function computedFrame(frame: Frame, computed: Readonly<Record<string, string>>): Frame {
  const columns = frame.names.map((name) => {
    const column = identifier(name);
    return Object.hasOwn(computed, name) ? `${withoutNan(column)} AS ${column}` : column;
  });
  return { ...frame, relation: `(SELECT ${[...columns, frame.order].join(", ")} FROM ${frame.relation})` };
}

/** @param fix default: to call the column as the other is called, or in another way */
export function assertDistinct(names: readonly string[], path: string, fix?: string): void {
  const byLowerCase = new Map<string, string>();
  for (const name of names) {
    const other = byLowerCase.get(name.toLowerCase());
    byLowerCase.set(name.toLowerCase(), name);
    if (other === undefined) continue;
    throw new DataError({
      path: `${path}: column "${name}"`,
      message: `differs from column "${other}" only in case, which SQL does not distinguish`,
      fix: fix ?? `call it "${other}" to replace that column, or choose another name`,
    });
  }
}

export function orderedSql({ relation, names, order }: Frame): string {
  return `SELECT ${names.map(identifier).join(", ")} FROM ${relation} ORDER BY ${order}`;
}

export function assertColumns(frame: Pick<Frame, "names">, names: readonly string[], path: string): void {
  const problems: Problem[] = names
    .filter((name) => !frame.names.includes(name))
    .map((name) => ({
      path: `${path}: column "${name}"`,
      message: "no such column",
      received: `columns ${listNames(frame.names)}`,
      fix: didYouMean(name, frame.names) ?? timePartFix(name),
    }));
  if (problems.length > 0) throw new DataError(problems);
}

function timePartFix(name: string): string | undefined {
  return timeParts.some((part) => part === name)
    ? `.dt(${JSON.stringify(name)}, { time: "ts" }) before adds it`
    : undefined;
}

export function whereFrame(frame: Frame, condition: string): Frame {
  // Not the arrow of a function or the `:=` of an argument; texts and names in quotes may hold anything.
  if (/(?<![-:=!<>])(?:==?|!=|<>|[<>]=?)\s*null\b/i.test(condition.replace(/'[^']*'|"[^"]*"/g, "''"))) {
    const message = "nothing equals null in SQL, so no row is kept";
    throw new DataError({ path: "where", message, received: condition, fix: 'write "is null" or "is not null"' });
  }
  // A list of values or a subquery may become a join.
  const isInOrder = frame.isInOrder && !/\b(in|any|all|exists|select)\b/i.test(condition);
  return { ...frame, isInOrder, relation: `(SELECT * FROM ${frame.relation} WHERE (${condition}\n))` };
}

export function selectFrame(frame: Frame, names: readonly string[]): Frame {
  assertColumns(frame, names, "select");
  const columns = names.map(identifier).join(", ");
  return { ...frame, names, relation: `(SELECT ${columns}, ${frame.order} FROM ${frame.relation})` };
}

export function deriveFrame(frame: Frame, columns: Readonly<Record<string, string>>): Frame {
  const names = [...new Set([...frame.names, ...Object.keys(columns)])];
  assertDistinct(names, "derive");
  // The expressions read the columns before any of them is replaced.
  const values = names.map((name) => {
    return Object.hasOwn(columns, name) ? `(${columns[name]}\n) AS ${identifier(name)}` : identifier(name);
  });
  const order = freeColumn("row order", names);
  const selected = [...values, `${frame.order} AS ${order}`].join(", ");
  const relation = `(SELECT ${selected} FROM ${frame.relation} AS "data")`;
  const isInOrder = frame.isInOrder && !Object.values(columns).some((sql) => /\b(select|over)\b/i.test(sql));
  return computedFrame({ ...frame, names, order, isInOrder, relation }, columns);
}

export interface SortKey {
  readonly by: string;
  readonly descending: boolean;
}

export function columnKey(name: string, descending: boolean): SortKey {
  return { by: identifier(name), descending };
}

/** Sorts by keys; rows with equal keys keep their order, missing values come last. */
export function sortFrame(frame: Frame, keys: readonly SortKey[]): Frame {
  const order = keys.map(({ by, descending }) => `(${by}) ${descending ? "DESC" : "ASC"} NULLS LAST`);
  const numbered = `row_number() OVER (ORDER BY ${[...order, frame.order].join(", ")})`;
  const columns = frame.names.map(identifier).join(", ");
  const relation = `(SELECT ${columns}, ${numbered} AS ${frame.order} FROM ${frame.relation})`;
  return { ...frame, isInOrder: false, relation };
}

/** One row per group, in the order in which the groups first appear; `columns`: SQL aggregates by name. */
export function summariseFrame(
  frame: Frame,
  groups: readonly string[],
  columns: Readonly<Record<string, string>>,
): Frame {
  assertColumns(frame, groups, "groupBy");
  const repeated = Object.keys(columns).filter((name) => groups.includes(name));
  const [message, fix] = ["is the name of a group", "choose another name"];
  const problems = repeated.map((name) => ({ path: `summarise: "${name}"`, message, fix }));
  if (problems.length > 0) throw new DataError(problems);
  const aggregates = Object.entries(columns).map(([name, sql]) => `(${sql}\n) AS ${identifier(name)}`);
  const keys = groups.map(identifier);
  const names = [...groups, ...Object.keys(columns)];
  assertDistinct(names, "summarise");
  const order = freeColumn("row order", names);
  const by = keys.length === 0 ? "" : ` GROUP BY ${keys.join(", ")}`;
  const selected = [...keys, ...aggregates, `min(${frame.order}) AS ${order}`].join(", ");
  // `first`, `list` and sums of floats depend on the order in which rows are read.
  const rows = frame.isInOrder ? frame.relation : `(SELECT * FROM ${frame.relation} ORDER BY ${frame.order})`;
  const relation = `(SELECT ${selected} FROM ${rows}${by})`;
  return computedFrame({ ...frame, names, order, isInOrder: false, relation }, columns);
}
