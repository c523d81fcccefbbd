/** Steps that combine tables: joins whose keys are checked, and concatenations of tables with the same columns. */
import { DataError } from "../../errors/index.js";
import { listNames } from "../../util/names.js";
import { count, percent } from "../../util/text.js";
import { identifier } from "../sources/names.js";
import type { ColumnType } from "../table/column.js";
import type { Table } from "../table/table.js";
import { assertColumns, type Frame, firstFrame, freeColumn } from "./frame.js";
import { type SqlStep, type StepContext, sqlStep } from "./history.js";

/** How to join a table. `C`: the columns here. */
export interface JoinOptions<C extends string = string> {
  /** Columns with equal values: a name, names, or pairs of a name here and a name there. */
  readonly on: C | readonly C[] | { readonly [Name in C]?: string };
  /** `left`: rows without a match stay, with missing values. `inner`: they are left out. Default: `left`. */
  readonly how?: "left" | "inner";
  /** Put before the names of the joined columns. Default: none. */
  readonly prefix?: string;
  /** Whether a row may match several rows, and is then repeated. Default: `false`, which is checked. */
  readonly many?: boolean;
}

export function joinStep(other: () => Promise<Table>, options: JoinOptions): SqlStep {
  return sqlStep(`join(on ${JSON.stringify(options.on)})`, async (frame, { ask, relationOf, notes }) => {
    const table = await other();
    const right = firstFrame(table.source, await relationOf(table), table.names);
    const keys = joinKeys(options.on);
    const [leftKeys, rightKeys] = [keys.map(([left]) => left), keys.map(([, key]) => key)];
    assertColumns(frame, leftKeys, "join");
    assertColumns(right, rightKeys, `join: ${table.source}`);
    await assertAlike(ask, frame, right, keys);
    if (options.many !== true) await assertUnique(ask, right, keys);
    const isMatch = keys.map(([left, key]) => `l.${identifier(left)} = r.${identifier(key)}`).join(" AND ");
    const [counted] = await ask(
      `SELECT count(*) AS rows, count(*) FILTER (NOT EXISTS (SELECT 1 FROM ${right.relation} r WHERE ${isMatch})) AS alone FROM ${frame.relation} l`,
    );
    const [rows, alone] = [Number(counted?.["rows"]), Number(counted?.["alone"])];
    const effect = options.how === "inner" ? "they are left out" : "the joined columns have no value there";
    const share = `${count(alone, "row")} (${percent(alone / rows)})`;
    if (alone > 0) notes.push(`join: ${share} have no match in ${table.source}: ${effect}`);
    return joined(frame, withoutIndex(frame, right, options, notes), keys, isMatch, options);
  });
}

type Keys = readonly (readonly [left: string, right: string])[];
type Ask = StepContext["ask"];

function joinKeys(on: JoinOptions["on"]): Keys {
  const pairs: Keys =
    typeof on === "string"
      ? [[on, on]]
      : Array.isArray(on)
        ? on.map((key) => [key, key])
        : (Object.entries(on ?? {}) as [string, string][]);
  if (pairs.length > 0) return pairs;
  throw new DataError({ path: "join.on", message: "no columns", expected: 'a name such as { on: "item_id" }' });
}

/** Columns without a name, as pandas writes a frame's index: in both tables they number other rows. */
const indexNames = /^(column0|Unnamed: 0(\.\d+)?|__index_level_\d+__)$/;

function withoutIndex(frame: Frame, right: Frame, { prefix = "" }: JoinOptions, notes: string[]): Frame {
  const index = right.names.filter((name) => indexNames.test(name) && frame.names.includes(prefix + name));
  if (index.length > 0) notes.push(`join: ${listNames(index)} of ${right.name} numbers rows, and is left out`);
  return { ...right, names: right.names.filter((name) => !index.includes(name)) };
}

function joined(frame: Frame, right: Frame, keys: Keys, isMatch: string, options: JoinOptions): Frame {
  const { how = "left", prefix = "", many = false } = options;
  const added = right.names.filter((name) => !keys.some(([, key]) => key === name));
  const names = added.map((name) => prefix + name);
  const lower = new Set(frame.names.map((name) => name.toLowerCase()));
  const twice = names.filter((name) => lower.has(name.toLowerCase()));
  if (twice.length > 0) {
    throw new DataError({
      path: "join",
      message: "both tables have columns of the same name",
      received: listNames(twice),
      fix: `select the columns to join, drop them here, or pass { prefix: "${right.name.replace(/^.*\//, "").replace(/\W.*$/, "") || "other"}_" }`,
    });
  }
  const columns = [
    ...frame.names.map((name) => `l.${identifier(name)}`),
    ...added.map((name, index) => `r.${identifier(name)} AS ${identifier(names[index]!)}`),
  ];
  const place = many ? `row_number() OVER (ORDER BY l.${frame.order}, r.${right.order})` : `l.${frame.order}`;
  const order = freeColumn("row order", [...frame.names, ...names]);
  const kind = how === "left" ? "LEFT JOIN" : "JOIN";
  const relation = `(SELECT ${[...columns, `${place} AS ${order}`].join(", ")} FROM ${frame.relation} l ${kind} ${right.relation} r ON ${isMatch})`;
  return { ...frame, names: [...frame.names, ...names], order, isInOrder: false, relation };
}

/** DuckDB would convert texts to numbers, or fail at the first text that is none. */
export async function assertAlike(ask: Ask, left: Frame, right: Frame, keys: Keys, verb = "join"): Promise<void> {
  const [leftKinds, rightKinds] = [await columnKinds(ask, left), await columnKinds(ask, right)];
  const unlike = keys.filter(([a, b]) => leftKinds.get(a) !== rightKinds.get(b));
  if (unlike.length === 0) return;
  throw new DataError(
    unlike.map(([a, b]) => ({
      path: `${verb}: columns "${a}" and "${b}"`,
      message: "values of different types are never equal",
      received: `${leftKinds.get(a)} in ${left.name}, ${rightKinds.get(b)} in ${right.name}`,
      fix: `convert one first, such as .derive({ ${JSON.stringify(a)}: ${JSON.stringify(`CAST(${identifier(a)} AS VARCHAR)`)} })`,
    })),
  );
}

async function columnKinds(ask: Ask, { relation, names }: Frame): Promise<Map<string, string>> {
  const rows = await ask(`DESCRIBE SELECT ${names.map(identifier).join(", ")} FROM ${relation}`);
  return new Map(rows.map((row) => [String(row["column_name"]), comparedKind(String(row["column_type"]))]));
}

function comparedKind(type: string): ColumnType | string {
  if (type.endsWith("]")) return `list of ${comparedKind(type.slice(0, type.lastIndexOf("[")))}`;
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|FLOAT|DOUBLE)/.test(type)) return "numbers";
  if (/^(VARCHAR|ENUM)/.test(type)) return "text";
  return /^(DATE|TIMESTAMP)/.test(type) ? "times" : type.toLowerCase();
}

async function assertUnique(ask: Ask, right: Frame, keys: Keys): Promise<void> {
  const columns = keys.map(([, key]) => identifier(key));
  const present = columns.map((column) => `${column} IS NOT NULL`).join(" AND ");
  const values = columns.map((column, at) => `${column} AS "key ${at}"`).join(", ");
  const order = columns.map((_, at) => `, "key ${at}"`).join("");
  const groups = `SELECT ${values}, count(*) AS "rows" FROM ${right.relation} WHERE ${present} GROUP BY ${columns.join(", ")} HAVING count(*) > 1`;
  const [first] = await ask(
    `SELECT *, count(*) OVER () AS "keys" FROM (${groups}) ORDER BY "rows" DESC${order} LIMIT 1`,
  );
  if (first === undefined) return;
  const key = keys
    .map(([, name], at) => {
      const value = first[`key ${at}`];
      return `${name} ${JSON.stringify(typeof value === "bigint" ? Number(value) : (value ?? null))}`;
    })
    .join(", ");
  throw new DataError({
    path: `join: ${right.name}`,
    message: "a key is in several rows, so the join would repeat rows",
    received: `${key} is in ${count(Number(first["rows"]), "row")}; ${count(Number(first["keys"]), "key")} in several rows`,
    expected: "each key in one row",
    fix: "keep one row a key, such as .groupBy(…).summarise({ … }), or allow repeated rows with { many: true }",
  });
}

export function concatStep(others: () => Promise<readonly Table[]>): SqlStep {
  return sqlStep("concat", async (frame, { ask, relationOf }) => {
    const here = await columnKinds(ask, frame);
    const columns = frame.names.map(identifier).join(", ");
    const part = freeColumn("part number", frame.names);
    const parts = [`SELECT ${columns}, ${frame.order}, 0 AS ${part} FROM ${frame.relation}`];
    for (const table of await others()) {
      const other = firstFrame(table.source, await relationOf(table), table.names);
      assertSame(frame, other, here, await columnKinds(ask, other));
      parts.push(`SELECT ${columns}, ${other.order}, ${parts.length} FROM ${other.relation}`);
    }
    const order = `row_number() OVER (ORDER BY ${part}, ${frame.order}) AS ${frame.order}`;
    const relation = `(SELECT ${columns}, ${order} FROM (${parts.join(" UNION ALL ")}))`;
    return { ...frame, isInOrder: false, relation };
  });
}

function assertSame(
  frame: Frame,
  other: Frame,
  kinds: ReadonlyMap<string, string>,
  otherKinds: ReadonlyMap<string, string>,
): void {
  const missing = frame.names.filter((name) => !otherKinds.has(name));
  const more = other.names.filter((name) => !kinds.has(name));
  const differences = frame.names
    .filter((name) => otherKinds.has(name) && otherKinds.get(name) !== kinds.get(name))
    .map((name) => `column "${name}" has ${otherKinds.get(name)} there and ${kinds.get(name)} here`);
  if (more.length > 0) differences.unshift(`only it has ${listNames(more)}`);
  if (missing.length > 0) differences.unshift(`it lacks ${listNames(missing)}`);
  if (differences.length === 0) return;
  throw new DataError({
    path: `concat: ${other.name}`,
    message: "is another table",
    received: differences.join("; "),
    expected: `the columns of ${frame.name}`,
    fix: "select or derive the same columns in both tables first",
  });
}
