/**
 * A column with what a user did before: the last items of the user's earlier rows. Rows at the same time are not earlier,
 * so a row never sees itself or the future.
 */
import { DataError } from "../../errors/index.js";
import { count } from "../../util/text/format.js";
import { inTurns, type Work } from "../../util/turns.js";
import {
  columnRows,
  hasValue,
  type ListColumn,
  type NumberColumn,
  type RawColumn,
  type TextColumn,
  takeColumn,
  valueAt,
} from "../table/column.js";
import { missingColumn } from "../table/table.js";
import { readTimes, zoneNote } from "../table/times.js";
import type { TableStep } from "./chain.js";
import { withColumns } from "./overlay.js";

/** How to collect a history. */
export interface HistoryOptions {
  /** The column of the user, or another column whose rows form a history. */
  readonly by: string;
  /** The column with the time: numbers, timestamps or ISO text. */
  readonly order: string;
  /** The largest number of items, the latest. Default: 20. */
  readonly last?: number;
  /** A label column: only rows where it is 1 or true enter a history. Default: all rows do. */
  readonly positive?: string;
  /** The name of the new column. Default: the item column's name with `_history`. */
  readonly as?: string;
}

/** Adds a list column of the user's earlier items, oldest first. */
export function historyStep(item: string, options: HistoryOptions): TableStep {
  const { by, order, last = 20, positive, as = `${item}_history` } = options;
  if (!(Number.isInteger(last) && last > 0)) {
    throw new DataError({ path: "history.last", message: "must be a positive integer", received: String(last) });
  }
  return {
    kind: "table",
    name: `history("${item}")`,
    keepsNotes: true,
    async apply(table, notes) {
      const columnNames = [...new Set([item, by, order, ...(positive === undefined ? [] : [positive])])];
      const missing = columnNames.filter((name) => !table.has(name));
      if (missing.length > 0) throw new DataError(missing.map((name) => missingColumn(table, name)));
      const read = await table.read(columnNames);
      const items = read.get(item)!;
      if (items.kind === "list") {
        throw new DataError({
          path: `history: column "${item}"`,
          message: "is a list column",
          expected: "one item a row",
        });
      }
      const zone = zoneNote(order, read.get(order)!);
      if (zone !== null) notes.push(zone);
      const times = readTimes(read.get(order)!, `${table.source}: column "${order}"`);
      const users = userKeys(read.get(by)!, by);
      const path = `history: column "${positive}"`;
      const enters = positive === undefined ? null : binaryLabels(read.get(positive)!, path);
      const { lists, unknown } = await inTurns(collect({ items, times, users, enters, last }));
      if (unknown > 0) {
        notes.push(`history: ${count(unknown, "row")} without ${by} or ${order} have an empty history and are in none`);
      }
      return withColumns(table, new Map([[as, lists]]));
    },
  };
}

/** The user of each row as a number; −1: unknown. */
export function userKeys(column: RawColumn, name: string): Int32Array {
  if (column.kind === "list") throw new DataError({ path: `column "${name}"`, message: "is a list column" });
  if (column.kind === "text") return column.codes;
  const codes = new Map<number, number>();
  return Int32Array.from(column.values, (value, row) => {
    if (!hasValue(column, row)) return -1;
    const code = codes.get(value) ?? codes.size;
    codes.set(value, code);
    return code;
  });
}

/** A label without a value, in the result of {@link binaryLabels}. */
export const missingLabel = 2;

/** A label by row: 0, 1 or {@link missingLabel}. Throws a DataError for other values. @param path of the errors */
export function binaryLabels(column: RawColumn, path: string): Uint8Array {
  const labels = new Uint8Array(columnRows(column));
  const others: number[] = [];
  for (let row = 0; row < labels.length; row++) {
    const label = hasValue(column, row) ? binaryValue(valueAt(column, row)) : missingLabel;
    if (label === null) others.push(row);
    else labels[row] = label;
  }
  if (others.length === 0) return labels;
  const examples = [...new Set(others.slice(0, 1000).map((row) => JSON.stringify(valueAt(column, row))))].slice(0, 3);
  throw new DataError({
    path,
    message: `not a label in ${count(others.length, "row")}, first in row ${others[0]} (from 0)`,
    received: examples.join(", "),
    expected: "0 and 1, true and false, or yes and no",
    fix: 'make a label first, such as .derive({ liked: "CAST(rating >= 4 AS INTEGER)" })',
  });
}

function binaryValue(value: unknown): 0 | 1 | null {
  const text = String(value);
  if (/^(true|yes|t|y|1)$/i.test(text)) return 1;
  return /^(false|no|f|n|0)$/i.test(text) ? 0 : null;
}

interface Histories {
  readonly items: NumberColumn | TextColumn;
  readonly times: ArrayLike<number>;
  readonly users: Int32Array;
  readonly enters: Uint8Array | null;
  readonly last: number;
}

function* collect({ items, times, users, enters, last }: Histories): Work<{ lists: ListColumn; unknown: number }> {
  const order = Int32Array.from(users.keys()).filter((row) => users[row]! >= 0 && !Number.isNaN(times[row]!));
  order.sort((a, b) => users[a]! - users[b]! || times[a]! - times[b]! || a - b);
  yield;
  const starts = new Int32Array(users.length);
  const lengths = new Int32Array(users.length);
  // Rows that enter histories, by user and time: a history is a run of them.
  const entered = new Int32Array(order.length);
  let filled = 0;
  let first = 0;
  for (let at = 0; at < order.length; ) {
    const row = order[at]!;
    if (at === 0 || users[row] !== users[order[at - 1]!]) first = filled;
    let end = at;
    while (end < order.length && users[order[end]!] === users[row] && times[order[end]!] === times[row]) end += 1;
    const start = Math.max(first, filled - last);
    for (let peer = at; peer < end; peer++) {
      starts[order[peer]!] = start;
      lengths[order[peer]!] = filled - start;
    }
    for (let peer = at; peer < end; peer++) {
      const entering = order[peer]!;
      if (hasValue(items, entering) && (enters === null || enters[entering] === 1)) entered[filled++] = entering;
    }
    at = end;
    if ((at & 4095) === 0) yield;
  }
  const offsets = new Int32Array(users.length + 1);
  for (let row = 0; row < users.length; row++) offsets[row + 1] = offsets[row]! + lengths[row]!;
  const picked = new Int32Array(offsets[users.length]!);
  for (let row = 0; row < users.length; row++) {
    picked.set(entered.subarray(starts[row]!, starts[row]! + lengths[row]!), offsets[row]!);
  }
  const taken = takeColumn(items, picked) as NumberColumn | TextColumn;
  return { lists: { kind: "list", offsets, items: taken, valid: null }, unknown: users.length - order.length };
}
