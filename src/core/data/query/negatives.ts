/** Random negatives: rows with items that a user has no positive row with. */

import { DataError } from "../../errors/index.js";
import { noteSeed } from "../../port/notebook.js";
import { assertCount } from "../../spec/validate/checks.js";
import { getOrMake } from "../../util/growing.js";
import { listNames } from "../../util/names.js";
import { type Random, random } from "../../util/random.js";
import { count } from "../../util/text.js";
import {
  columnRows,
  hasValue,
  joinColumns,
  type RawColumn,
  rowsByKey,
  rowsOfKeys,
  type ScalarColumn,
  takeColumn,
  valueAt,
} from "../table/column.js";
import { columnInRole } from "../table/role-checks.js";
import { missingColumn, type Table } from "../table/table.js";
import { binaryLabels, flatColumn, missingLabel, type TableStep, tableStep, userKeys, withColumns } from "./history.js";

/** How to draw negatives. `C`: the columns. */
export interface NegativesOptions<C extends string = string> {
  /** Number of negatives for each positive row. */
  readonly per: number;
  /** The column of the user. Default: the role `user`. */
  readonly user?: C;
  /** The column of the item. Default: the role `item`. */
  readonly item?: C;
  /** The label column: 1 in positive rows, 0 in negatives; rows without a label keep none. Default: `label`. */
  readonly label?: string;
  /** Columns that negatives take from their item's row in `from`, such as its brand. Default: none; all are copied. */
  readonly attributes?: readonly C[];
  /** A column of `from`: an item is drawn in proportion to it. Default: all items alike. */
  readonly weight?: string;
  /** Seed of the draws. Default: 1. */
  readonly seed?: number;
}

export function negativesStep(options: NegativesOptions, items: (() => Promise<Table>) | null): TableStep {
  const { per, label = "label", attributes = [], weight, seed = 1 } = options;
  assertCount("negatives.per", per, DataError);
  return tableStep("negatives", async (table, notes) => {
    const user = columnInRole(table, "user", options.user, "negatives.user");
    const item = columnInRole(table, "item", options.item, "negatives.item");
    const from = items === null ? table : await items();
    const [ofRows, ofItem] = [
      [user, item, ...attributes],
      [item, ...attributes, ...(weight === undefined ? [] : [weight])],
    ];
    const absent = [
      ...ofRows.filter((name) => !table.has(name)).map((name) => missingColumn(table, name)),
      ...ofItem
        .filter((name) => !from.has(name) && !(from === table && ofRows.includes(name)))
        .map((name) => missingColumn(from, name)),
    ];
    if (absent.length > 0) throw new DataError(absent);
    noteSeed("negatives", seed);
    const read = await table.read();
    const readItems = from === table ? read : await from.read(ofItem);
    const pairs = new Map(
      [item, ...attributes].map((name) => {
        const [here, pool] = [read, readItems].map((columns) =>
          flatColumn(columns.get(name)!, `negatives: column "${name}"`, "one item a row"),
        );
        if (pool!.kind === here!.kind) return [name, [here!, pool!] as const];
        throw new DataError({
          path: `negatives: column "${name}"`,
          message: "the items have another type than those of the data",
          received: `${pool!.kind} in ${from.source}, ${here!.kind} in ${table.source}`,
          fix: "read both as text, or both as numbers",
        });
      }),
    );
    const [here, pool] = pairs.get(item)!;
    const candidates = [...rowsOfKeys(pool).values()].map(([first]) => first!);
    const chances = itemChances(weight === undefined ? null : readItems.get(weight)!, candidates, weight);
    const labelColumn = read.get(label);
    const labels = labelColumn === undefined ? null : binaryLabels(labelColumn, `negatives: column "${label}"`);
    const source = random(seed).fork("negatives");
    const negatives = draw(here, { pool, candidates, chances }, userKeys(read.get(user)!, user), labels, per, source);
    notes.push(...negativesNotes(read, here, labels, negatives, { ...options, user, item }));
    const rows = Int32Array.from(negatives.rows);
    const values = Int32Array.from(rows, (row, at) => (negatives.isNegative[at] ? 0 : (labels?.[row] ?? 1)));
    const valid = labels?.includes(missingLabel) ? Uint8Array.from(values, (value) => Number(value <= 1)) : null;
    const labelValues: RawColumn = { kind: "number", type: "integer", values, valid };
    const places = Int32Array.from(negatives.items);
    const columns = [...pairs].map(([name, both]) => [name, takeColumn(joinColumns(both), places)] as const);
    return withColumns(table.take(rows), new Map<string, RawColumn>(columns).set(label, labelValues));
  });
}

interface Pair {
  readonly user: string;
  readonly item: string;
}

function negativesNotes(
  read: ReadonlyMap<string, RawColumn>,
  items: RawColumn,
  labels: Uint8Array | null,
  { short, unknown }: Drawn,
  { per, user, item, label = "label", attributes = [] }: NegativesOptions & Pair,
): string[] {
  const notes: string[] = [];
  const missing = labels?.filter((value) => value === missingLabel).length ?? 0;
  const likely = labels === null ? likelyLabels(read, [user, item]) : [];
  const copied = ofItems(read, [user, item, label, ...attributes], items);
  if (short > 0) {
    notes.push(
      `${count(short, "positive row")} got fewer than ${per}: their users have positive rows with almost all items`,
    );
  }
  if (unknown > 0) notes.push(`${count(unknown, "row")} without ${user} or ${item} got none`);
  if (missing > 0) {
    const effect = missing === 1 ? "its label stays" : "their labels stay";
    notes.push(`${count(missing, "row")} without ${label} got none, and ${effect} missing`);
  }
  if (likely.length > 0) {
    const guess = `If ${listNames(likely)} ${likely.length === 1 ? "is" : "are"} the label, pass label: ${JSON.stringify(likely[0])}`;
    notes.push(`without a column "${label}", all rows are positives. ${guess}`);
  }
  if (copied.length > 0) {
    const fix = "Leave them out before, and join them afterwards, or name those of the items in attributes";
    notes.push(`${listNames(copied)} describe the item of the positive row, also in its negatives. ${fix}`);
  }
  return notes.map((note) => `negatives: ${note}`);
}

function likelyLabels(read: ReadonlyMap<string, RawColumn>, excluded: readonly string[]): string[] {
  const isLabel = (column: RawColumn): boolean => {
    if (column.kind !== "number" || (column.type !== "integer" && column.type !== "boolean")) return false;
    const values = rowsByKey(column);
    return values.size === 2 && values.has(0) && values.has(1);
  };
  return [...read].filter(([name, column]) => !excluded.includes(name) && isLabel(column)).map(([name]) => name);
}

type Drawn = ReturnType<typeof draw>;

interface Items {
  readonly pool: ScalarColumn;
  /** The first row of each item. */
  readonly candidates: readonly number[];
  /** Sums of the candidates' weights up to each. */
  readonly chances: Float64Array;
}

function itemChances(column: RawColumn | null, candidates: readonly number[], name = ""): Float64Array {
  let sum = 0;
  const sums = Float64Array.from(candidates, (row) => {
    const value = column === null ? 1 : column.kind === "list" ? null : valueAt(column, row);
    sum += typeof value === "number" && value >= 0 ? value : Number.NaN;
    return sum;
  });
  if (column === null || (Number.isFinite(sum) && sum > 0)) return sums;
  const expected = "numbers of at least 0, not all of them 0";
  throw new DataError({ path: `negatives: column "${name}"`, message: "not weights of items", expected });
}

/**
 * `items`: positions in the items of the data, followed by those of the pool.
 * @param labels 0, 1 or {@link missingLabel}; `null`: all rows are positive
 */
function draw(
  here: ScalarColumn,
  { pool, candidates, chances }: Items,
  users: Int32Array,
  labels: Uint8Array | null,
  per: number,
  source: Random,
) {
  const places = new Map(candidates.map((row, place) => [valueAt(pool, row), place]));
  const taken = new Map<number, Set<number>>();
  const hasUserAndItem = (row: number): boolean => users[row]! >= 0 && hasValue(here, row);
  const isPositive = (row: number): boolean => labels === null || labels[row] === 1;
  for (let row = 0; row < users.length; row++) {
    if (!hasUserAndItem(row) || !isPositive(row)) continue;
    const place = places.get(valueAt(here, row));
    if (place === undefined) continue;
    getOrMake(taken, users[row]!, () => new Set<number>()).add(place);
  }
  const [rows, items]: [number[], number[]] = [[], []];
  const isNegative: boolean[] = [];
  let [short, unknown] = [0, 0];
  const add = (row: number, negative: boolean, item: number): void => {
    rows.push(row);
    isNegative.push(negative);
    items.push(item);
  };
  for (let row = 0; row < users.length; row++) {
    add(row, false, row);
    if (!isPositive(row)) continue;
    if (!hasUserAndItem(row)) {
      unknown += 1;
      continue;
    }
    const places = someOthers(chances, taken.get(users[row]!) ?? new Set(), per, source);
    if (places.length < per) short += 1;
    for (const place of places) add(row, true, columnRows(here) + candidates[place]!);
  }
  return { rows, isNegative, items, short, unknown };
}

/** Up to `count` distinct candidates. Each of the few or rare items that are left gets an exponential time; the earliest are used. */
function someOthers(sums: Float64Array, excluded: ReadonlySet<number>, count: number, source: Random) {
  const places = new Set<number>();
  for (let draws = 0; draws < 50 * count && places.size < count && sums.length > excluded.size; draws++) {
    // The first place whose sum is above a value.
    const value = source.uniform() * sums.at(-1)!;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > value) high = middle;
      else low = middle + 1;
    }
    if (!excluded.has(low)) places.add(low);
  }
  if (places.size === count) return [...places];
  const rest = [...sums.keys()].flatMap((place) => {
    const weight = sums[place]! - (sums[place - 1] ?? 0);
    const isLeft = weight > 0 && !excluded.has(place) && !places.has(place);
    return isLeft ? [{ place, time: -Math.log(1 - source.uniform()) / weight }] : [];
  });
  rest.sort((a, b) => a.time - b.time);
  return [...places, ...rest.map(({ place }) => place)].slice(0, count);
}

function ofItems(read: ReadonlyMap<string, RawColumn>, excluded: readonly string[], items: RawColumn): string[] {
  const isOfItem = (column: RawColumn): boolean => {
    const itemValues = new Map<unknown, unknown>();
    for (let row = 0; row < columnRows(column); row++) {
      const read = valueAt(column, row);
      const value = typeof read === "object" && read !== null ? JSON.stringify(read) : read;
      if (value !== getOrMake(itemValues, valueAt(items, row), () => value)) return false;
    }
    return itemValues.size < columnRows(column) && new Set(itemValues.values()).size > 1;
  };
  return [...read].filter(([name, column]) => !excluded.includes(name) && isOfItem(column)).map(([name]) => name);
}
