/** Splits a table at random, by time, or by users. */
import { DataError } from "../../errors/index.js";
import { noteSeed } from "../../port/notebook.js";
import { permutation, permuting, random } from "../../util/random.js";
import { inRuns, inTurns, type Work } from "../../util/turns.js";
import { columnRows, hasValue, type RawColumn, rowsOfKeys, type ScalarColumn } from "./column.js";
import { columnInRole } from "./role-checks.js";
import { readTimes, type Table } from "./table.js";

const runRows = 1 << 14;

/** How to assign rows to parts. `C`: the columns. */
export interface SplitOptions<C extends string = string> {
  /**
   * `random` rows; by `time`, oldest first; or whole users, at random: the columns with these roles, or others.
   * Default: `time` if a column has this role and `stratify` is not set, else `random`.
   */
  readonly by?: "random" | "time" | "user" | { readonly time: C } | { readonly user: C };
  /** Every part gets the same share of each value of this column (random splits only). */
  readonly stratify?: C;
  /** Seed of the split. Default: 1. */
  readonly seed?: number;
}

/** Splits in the ratio of the numbers (`{ train: 8, test: 2 }`); rows keep their order within a part. */
export async function split<Part extends string>(
  table: Table,
  parts: Readonly<Record<Part, number>>,
  options: SplitOptions = {},
): Promise<Record<Part, Table>> {
  const names = Object.keys(parts) as Part[];
  const ratios = names.map((name) => parts[name]);
  const by = splitBy(table, options);
  const column = by === "random" ? options.stratify : "time" in by ? by.time : by.user;
  if (by !== "random" && options.stratify !== undefined) {
    const message = "only random splits can be stratified";
    throw new DataError({ path: "split.stratify", message, fix: "remove stratify, or by" });
  }
  if (by === "random" || !("time" in by)) noteSeed("split", options.seed ?? 1);
  const rows = await partRows(table, ratios, { by, seed: options.seed }, column);
  return Object.fromEntries(names.map((name, index) => [name, table.take(rows[index]!)])) as Record<Part, Table>;
}

type ColumnSplit = Exclude<SplitOptions["by"], string | undefined>;

/** The basis of a split: its option, or the roles of the table. @throws DataError for a role that no column has */
export function splitBy(table: Table, { by, stratify }: SplitOptions): ColumnSplit | "random" {
  if (by === undefined)
    return table.roles.time === undefined || stratify !== undefined ? "random" : { time: table.roles.time };
  if (typeof by !== "string" || by === "random") return by;
  const column = columnInRole(table, by, undefined, `split.by.${by}`);
  return by === "time" ? { time: column } : { user: column };
}

async function partRows(
  table: Table,
  ratios: readonly number[],
  { by, seed }: { readonly by: ColumnSplit | "random"; readonly seed: number | undefined },
  name: string | undefined,
): Promise<Int32Array[]> {
  if (name === undefined) return inTurns(splitRows(table.rows, ratios, seed));
  const column = await assertKeys((await table.read([name])).get(name)!, name, table);
  if (by === "random") return stratified(column, ratios, seed);
  return "time" in by
    ? byTime(readTimes(column, `${table.source}: column "${name}"`), ratios)
    : byUser(column, ratios, seed);
}

/** Random parts of 0 … rows − 1, each ascending. */
function* splitRows(rows: number, ratios: readonly number[], seed = 1): Work<Int32Array[]> {
  const cuts = cutPoints(rows, ratios);
  const order = yield* permuting(rows, random(seed).fork("split"));
  // Assigns a part to each row, then collects rows in order, which is faster than sorting every part.
  const partOf = new Uint32Array(rows);
  for (let part = 1; part < ratios.length; part++) {
    const [start = 0, end = 0] = cuts.slice(part);
    yield* inRuns(end - start, runRows, (from, to) => {
      for (let place = start + from; place < start + to; place++) partOf[order[place]!] = part;
    });
  }
  const parts = ratios.map((_, part) => new Int32Array(cuts[part + 1]! - cuts[part]!));
  const filled = new Uint32Array(ratios.length);
  yield* inRuns(rows, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      const part = partOf[row]!;
      const place = filled[part]!;
      (parts[part] as Int32Array)[place] = row;
      filled[part] = place + 1;
    }
  });
  return parts;
}

function cutPoints(rows: number, ratios: readonly number[]): number[] {
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  if (ratios.length === 0 || !ratios.every((ratio) => ratio > 0 && Number.isFinite(ratio))) {
    throw new DataError({
      path: "split.parts",
      message: "parts need sizes above 0",
      received: ratios.join(" : "),
      expected: "a ratio such as { train: 8, test: 2 }",
    });
  }
  const cuts = [0];
  let sum = 0;
  for (const ratio of ratios) {
    sum += ratio;
    cuts.push(Math.round((rows * sum) / total));
  }
  return cuts;
}

async function assertKeys(column: RawColumn, name: string, table: Table): Promise<ScalarColumn> {
  if (column.kind === "list") {
    throw new DataError({ path: `${table.source}: column "${name}"`, message: "a list column cannot split a table" });
  }
  for (let row = 0; row < table.rows; row++) {
    if (hasValue(column, row)) continue;
    const place = await table.locate(row);
    throw new DataError({
      path: `${place.source}: row ${place.row} (from 0), column "${name}"`,
      message: "a row without a value cannot be assigned to a part",
      fix: "remove such rows before splitting",
    });
  }
  return column;
}

function byTime(times: ArrayLike<number>, ratios: readonly number[]): Int32Array[] {
  const order = Int32Array.from({ length: times.length }, (_, row) => row);
  order.sort((a, b) => times[a]! - times[b]! || a - b);
  const cuts = cutPoints(times.length, ratios);
  return ratios.map((_, index) => order.slice(cuts[index], cuts[index + 1]).sort());
}

function byUser(users: ScalarColumn, ratios: readonly number[], seed = 1): Int32Array[] {
  const groups = [...rowsOfKeys(users).values()];
  const cuts = cutPoints(columnRows(users), ratios);
  const parts: number[][] = ratios.map(() => []);
  let taken = 0;
  for (const index of permutation(groups.length, random(seed).fork("users"))) {
    const group = groups[index]!;
    const middle = taken + group.length / 2;
    const part = cuts.slice(1).findIndex((cut) => middle <= cut);
    for (const row of group) parts[Math.max(0, part)]!.push(row);
    taken += group.length;
  }
  return parts.map((rows) => Int32Array.from(rows).sort());
}

function stratified(strata: ScalarColumn, ratios: readonly number[], seed = 1): Int32Array[] {
  const parts: number[][] = ratios.map(() => []);
  const source = random(seed).fork("strata");
  for (const group of rowsOfKeys(strata).values()) {
    const order = permutation(group.length, source);
    const cuts = cutPoints(group.length, ratios);
    for (const [part, rows] of parts.entries()) {
      for (const at of order.subarray(cuts[part], cuts[part + 1])) rows.push(group[at]!);
    }
  }
  return parts.map((rows) => Int32Array.from(rows).sort());
}
