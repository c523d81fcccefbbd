/** Which rows count as one piece of evidence about a pair of columns. */
import { expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import {
  changesAlong,
  Evidence,
  type GroupedField,
  grouped,
  heavyUnits,
  isDecidedBy,
  isRangeOf,
  sequenceOf,
  type Units,
} from "../../../src/lab/domains/evidence.js";
import { integers } from "./worlds.js";

const hour = 3_600_000;
const field = (name: string, codes: readonly number[]): GroupedField =>
  grouped({ name, codes: Int32Array.from(codes), levels: Math.max(...codes) + 1 });

function evidence(fields: readonly GroupedField[], units: Units): Evidence {
  return new Evidence(fields, units, fields[0]!.codes.length);
}

/** Groups as text, in the order of the rows: `aab` says that the first two rows are one piece. */
function groupsText(codes: Int32Array): string {
  const letters = new Map<number, string>();
  return Array.from(codes, (code) => {
    if (!letters.has(code)) letters.set(code, String.fromCharCode(97 + letters.size));
    return letters.get(code)!;
  }).join("");
}

function clustersOf(of: Evidence, a: GroupedField, b: GroupedField): string[] | string {
  const clusters = of.ofPair(a, b);
  return typeof clusters === "string"
    ? clusters
    : clusters.map(({ unit, groups }) => `${unit} ${groupsText(groups.codes)}`);
}

test("a stretch of a user ends where the user was away for more than 8 hours and the column has changed", () => {
  const user = field("user", [0, 0, 0, 0, 0, 1, 0]);
  const device = field("device", [0, 1, 1, 1, 0, 1, 0]);
  // Rows out of order: the last one is the user's first.
  const at = (hours: readonly number[]): Float64Array => Float64Array.from(hours, (each) => each * hour);
  const times = at([10, 11, 30, 38, 46.01, 30, 1.9]);
  const other = field("other", [0, 1, 2, 0, 1, 2, 0]);
  const of = evidence([user, device, other], { user, times });
  // 1.9 → 10: away, the device is the same; 10 → 11: not away; 11 → 30: the same; 30 → 38: not away; 38 → 46.01: both.
  expect(clustersOf(of, device, user)).toEqual(["stretch aaaabca"]);
  expect(groupsText(of.foldUnits("stretch").codes)).toBe("aabbcde");
  expect(clustersOf(of, device, other)).toEqual(["user aaaaaba"]);
  // In one session nothing ends.
  const session = field("session", [0, 0, 1, 2, 2, 3, 0]);
  const withSessions = evidence([user, device, other], { user, times, session });
  expect(clustersOf(withSessions, device, user)).toEqual(["stretch aaaaaba"]);
  expect(clustersOf(evidence([user, device, other], { user }), device, user)).toBe("no time");
});

test("units of more than a tenth of the rows are heavy, unless together they have most", () => {
  const heavy = (...counts: readonly number[]) => {
    const singles = Array.from({ length: 100 - counts.reduce((sum, each) => sum + each, 0) }, () => 1);
    const codes = [...counts, ...singles].flatMap((count, unit) => Array.from({ length: count }, () => unit));
    const { units, share } = heavyUnits(field("user", codes));
    return [[...units], share];
  };
  expect(heavy(10)).toEqual([[], 0]);
  expect(heavy(11)).toEqual([[0], 0.11]);
  expect(heavy(5, 27, 10, 12)).toEqual([[1, 3], 0.39]);
  expect(heavy(30, 20)).toEqual([[0, 1], 0.5]);
  expect(heavy(30, 21)).toEqual([[], 0]);
});

test("8 hours to the millisecond are not away, nor a longer gap that ends no session", () => {
  const user = field("user", [0, 0]);
  const device = field("device", [0, 1]);
  const stretches = (millis: number, sessionGap?: number) =>
    clustersOf(evidence([user, device], { user, times: Float64Array.of(0, millis), sessionGap }), device, user);
  expect(stretches(8 * hour)).toEqual(["stretch aa"]);
  expect(stretches(8 * hour + 1)).toEqual(["stretch ab"]);
  expect(stretches(12 * hour, 12 * hour)).toEqual(["stretch aa"]);
  expect(stretches(12 * hour + 1, 12 * hour)).toEqual(["stretch ab"]);
  expect(stretches(8 * hour + 1, hour / 2)).toEqual(["stretch ab"]);
});

test("a part of time is also told by its occurrences; if each value comes once, not at all", () => {
  const rows = 240;
  const index = Array.from({ length: rows }, (_, row) => row);
  const user = field(
    "user",
    index.map((row) => (row * 7) % 40),
  );
  const noise = field(
    "noise",
    index.map((row) => (row * 13) % 3),
  );
  const weekday = field(
    "weekday",
    index.map((row) => Math.floor(row / 10) % 7),
  );
  const month = field(
    "month",
    index.map((row) => Math.floor(row / 80)),
  );
  const times = Float64Array.from(index, (row) => row * hour);
  const of = evidence([user, noise, weekday, month], { user, times });
  expect(clustersOf(of, weekday, noise)[1]).toMatch(/^occurrence a{10}b{10}c{10}/);
  expect(clustersOf(of, noise, user)).toHaveLength(1);
  expect(clustersOf(of, month, noise)).toBe("does not recur");
  expect(of.passing()).toEqual(["month"]);
});

test("rows of one time are in no order: a column of days is a part of time, one of rows is not", () => {
  const rows = 600;
  const index = Array.from({ length: rows }, (_, row) => row);
  const user = field(
    "user",
    index.map((row) => row % 50),
  );
  const device = field(
    "device",
    index.map((row) => (row * 11) % 4),
  );
  const weekday = field(
    "weekday",
    index.map((row) => Math.floor(row / 20) % 7),
  );
  // A date, without a time of day.
  const times = Float64Array.from(index, (row) => Math.floor(row / 20) * 24 * hour);
  const of = evidence([user, device, weekday], { user, times });
  expect(clustersOf(of, device, user)).toHaveLength(1);
  expect(clustersOf(of, weekday, device)).toHaveLength(2);
});

test("two columns of the item share the item; without users, sessions, then items, then rows", () => {
  const item = field("item", [0, 0, 1, 1, 2, 2]);
  const brand = field("brand", [0, 0, 1, 1, 1, 1]);
  const price = field("price", [2, 2, 1, 1, 0, 0]);
  const user = field("user", [0, 1, 2, 0, 1, 2]);
  const page = field("page", [0, 1, 0, 1, 0, 1]);
  const fields = [item, brand, price, user, page];
  const withUser = evidence(fields, { user, item });
  expect(clustersOf(withUser, brand, price)).toEqual(["item aabbcc"]);
  expect(clustersOf(withUser, brand, page)).toEqual(["user abcabc"]);
  const withoutUser = evidence(fields, { item });
  expect(clustersOf(withoutUser, brand, page)).toEqual(["item aabbcc"]);
  expect(clustersOf(withoutUser, page, item)).toEqual(["row abcdef"]);
  const session = field("session", [0, 0, 0, 1, 1, 1]);
  expect(clustersOf(evidence(fields, { item, session }), brand, page)).toEqual(["session aaabbb"]);
  expect(clustersOf(evidence(fields, {}), brand, page)).toEqual(["row abcdef"]);
});

test("a column is decided by another from the stated share of rows on", () => {
  const by = field("by", [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  const column = field("column", [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
  expect(isDecidedBy(column, by, 0.9)).toBe(true);
  expect(isDecidedBy(column, by, 0.91)).toBe(false);
});

test("ranges of a number are told from what an item with a price of its own decides", () => {
  const rows = 400;
  const source = random(3);
  const price = new Float64Array(40).map(() => source.normal());
  const item = Int32Array.from({ length: rows }, (_, row) => row % 40);
  const numbers = Float64Array.from(item, (each) => price[each]!);
  const isRange = (code: (row: number) => number): boolean =>
    isRangeOf(
      sequenceOf(numbers),
      field(
        "x",
        Array.from(item, (_, row) => code(row)),
      ),
    );
  const tier = (row: number): number => [-1, 0, 1].filter((cut) => cut <= numbers[row]!).length;
  expect(isRange(tier)).toBe(true);
  // Two rows of a hundred may disagree, three may not.
  expect(isRange((row) => (row % 50 === 0 ? 3 - tier(row) : tier(row)))).toBe(true);
  expect(isRange((row) => (row % 30 === 0 ? 3 - tier(row) : tier(row)))).toBe(false);
  // A category of each item is no range, though rows of one price have one.
  const category = integers(source, 40, 4);
  expect(isRange((row) => category[item[row]!]!)).toBe(false);
  expect(isRange((row) => row % 3)).toBe(false);
});

test("changes along a number are those of neighbours, of equal rows those of a random order", () => {
  const numbers = Float64Array.of(5, 1, 3, 2, 4, Number.NaN);
  // In order: rows 1, 3, 2, 4, 0, 5.
  const share = (codes: readonly number[], by: Float64Array): number => changesAlong(sequenceOf(by), field("x", codes));
  expect(share([1, 0, 0, 0, 1, 1], numbers)).toBeCloseTo(1 / 5 / 0.5, 12);
  expect(share([1, 0, 0, 1, 1, 0], numbers)).toBeCloseTo(4 / 5 / 0.5, 12);
  // All equal: two of four are 1, so that neighbours differ with a chance of 2/3 where independent rows do with 1/2.
  expect(share([1, 0, 0, 1], new Float64Array(4))).toBeCloseTo(2 / 3 / 0.5, 12);
});
