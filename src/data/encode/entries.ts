/**
 * Ids per "entry": a row of a number or list column, or a distinct word of a text column.
 */

import type { Work } from "../../util/turns.js";
import type { ListColumn, NumberColumn, RawColumn, TextColumn } from "../table/column.js";
import type { DistinctHashes } from "./hashed/distinct-hashes.js";
import type { CodedIds, Entries } from "./ids/coded-ids.js";
import { type IdRule, notAnId } from "./ids/rows-of-ids.js";
import { wordEntries } from "./word-entries.js";

/** How a feature's values are written, beyond its spec. */
export interface IdOptions {
  /** Ids are already rows of the table (`fg_mode: FG_NONE`). */
  readonly encoded: boolean;
  readonly separator: string;
  readonly defaultValue: string;
  /** Rows may contain several ids, even if none does here. */
  readonly several: boolean;
  /** Counters of the distinct values of a hashed feature; `null`: not counted. */
  readonly values: DistinctHashes | null;
  /** Text contains numbers as written: text that is not an integer is not an id. Default: `false`. */
  readonly numbers?: boolean;
}

/** Splits a column into entries and looks up each id's row of the table. */
export function* encodeEntries(column: RawColumn, rule: IdRule, options: IdOptions, weighted: boolean): Work<CodedIds> {
  if (column.kind === "text") {
    const { entries, places } = yield* wordEntries(column.words, rule, { separator: options.separator, weighted });
    const rows = column.codes.length;
    const entryOf = new Int32Array(rows);
    for (let row = 0; row < rows; row++) entryOf[row] = entryPlace(places, column.codes[row]!);
    const faulty = places.some((entry) => entries.outside[entry]! > 0 || entries.bad.has(entry));
    return { entries, entryOf, rows, faulty, emptyIsOrdinary: options.several };
  }
  if (column.kind === "number") {
    const entries = numberEntries(column, rule);
    return { entries, entryOf: null, rows: column.values.length, faulty: true, emptyIsOrdinary: false };
  }
  const entries = yield* listEntries(column, rule, weighted);
  return { entries, entryOf: null, rows: column.offsets.length - 1, faulty: true, emptyIsOrdinary: true };
}

function numberEntries(column: NumberColumn, rule: IdRule): Entries {
  const rows = column.values.length;
  const offsets = new Int32Array(rows + 1);
  const ids = new Int32Array(rows);
  const outside = new Int32Array(rows);
  const bad = new Map<number, string>();
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    const value = column.values[row]!;
    if (!(column.valid !== null && column.valid[row] === 0) && !Number.isNaN(value)) {
      const id = Number.isInteger(value) ? rule.rowOfNumber(value) : notAnId;
      if (id === notAnId) bad.set(row, String(value));
      else if (rule.wasOutside()) outside[row] = 1;
      ids[filled++] = id;
    }
    offsets[row + 1] = filled;
  }
  return { offsets, ids: ids.subarray(0, filled), weights: null, outside, bad };
}

function* listEntries(column: ListColumn, rule: IdRule, weighted: boolean): Work<Entries> {
  const { items } = column;
  const pairs = weighted || column.isMap === true;
  const words =
    items.kind === "text" ? yield* wordEntries(items.words, rule, { separator: null, weighted: pairs }) : null;
  const inner = items.kind === "number" ? numberEntries(items, rule) : (words as { entries: Entries }).entries;
  const rows = column.offsets.length - 1;
  const offsets = new Int32Array(rows + 1);
  const outside = new Int32Array(rows);
  const bad = new Map<number, string>();
  const ids: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let item = column.offsets[row]!; item < column.offsets[row + 1]!; item++) {
      const entry = words === null ? item : entryPlace(words.places, (items as TextColumn).codes[item]!);
      if (entry < 0) continue;
      for (let at = inner.offsets[entry]!; at < inner.offsets[entry + 1]!; at++) {
        ids.push(inner.ids[at]!);
        if (weighted) weights.push(inner.weights?.[at] ?? 1);
      }
      outside[row] = outside[row]! + inner.outside[entry]!;
      const text = inner.bad.get(entry);
      if (text !== undefined) bad.set(row, text);
    }
    offsets[row + 1] = ids.length;
  }
  return { offsets, ids: Int32Array.from(ids), weights: weighted ? Float32Array.from(weights) : null, outside, bad };
}

function entryPlace(places: Int32Array, code: number): number {
  return code < 0 ? code : places[code]!;
}
