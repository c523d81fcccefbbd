/**
 * Groups of fields whose values are exchanged between rows together. Fields that describe one thing, such as an item's
 * id, brand and category, form a group, so that no impossible item results. A group's values are exchanged among rows
 * that agree in the fields associated with it (as in Strobl et al. 2008).
 */
import type { EncodedData, FeatureColumn } from "../../core/data/encoded/encoded.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { getOrMake, Numbering } from "../../core/util/growing.js";
import { permutation, type Random } from "../../core/util/random.js";
import type { Work } from "../../core/util/turns.js";

/** Fields that move together. `F`: features. */
export interface FieldGroup<F extends string = string> {
  /** The field most associated with the others; `user_id + 2` with two more. */
  readonly name: string;
  readonly fields: readonly F[];
  /** Values are exchanged among rows of one domain that agree in these fields. */
  readonly held: readonly F[];
}

/** A group with the set of each row, [rows]: values are exchanged among rows of the same set. */
export type GroupRows = FieldGroup & { readonly sets: Int32Array };

/** The least association of fields in one group, and of a field that is held. */
const [together, related] = [0.5, 0.05];
/**
 * Associations are measured on at most this number of rows; values that fewer than `fewestMates` rows share do not
 * count.
 */
const mostRows = 20_000;
export const fewestMates = 30;
/** The smallest size of sets of rows, and the share of rows that may be in smaller ones. */
const [smallSet, mostInSmall] = [10, 0.1];
/** Numbers with more distinct values are divided into tenths. */
const mostNumbers = 20;

/**
 * A field's values. `codes`: [rows], 0 … count − 1, equal for equal values. `ranks`: [rows] of numbers; `null` for
 * others.
 */
interface FieldValues {
  readonly field: string;
  readonly codes: Int32Array;
  readonly count: number;
  readonly ranks: Float64Array | null;
}

/**
 * Groups fields.
 * @param names the fields of each group; `null`: by association.
 * @returns also the fields with one value per domain
 */
export function* fieldGroups(
  spec: ModelSpec,
  data: EncodedData,
  fields: readonly string[],
  names: readonly (readonly string[])[] | null,
): Work<{ readonly groups: readonly GroupRows[]; readonly constant: readonly string[] }> {
  const domains = data.domains ?? new Int32Array(data.rows);
  const all: FieldValues[] = [];
  for (const field of fields) {
    const values = fieldValues(field, data.features.get(field)!, data.rows);
    const inDomains = new Set(values.codes.map((code, row) => domains[row]! * values.count + code));
    if (inDomains.size > new Set(domains).size) all.push(values);
    yield;
  }
  const says = yield* associations(all, data.rows);
  const crossed = new Set(spec.features.flatMap(({ kind, name }) => (kind === "combo" ? [name] : [])));
  const link = (a: number, b: number): number => {
    const [one, other] = [all[a]!.field, all[b]!.field];
    if (inOneSequence(spec, one, other)) return 1;
    return crossed.has(one) || crossed.has(other) ? 0 : Math.max(says[a]![b]!, says[b]![a]!);
  };
  const lists =
    names?.map((list) => [...all.keys()].filter((at) => list.includes(all[at]!.field))) ??
    components(all.length, (a, b) => link(a, b) >= together);
  const groups = lists.flatMap((members): GroupRows[] => {
    if (members.length === 0) return [];
    const about = (a: number): number => members.reduce((sum, b) => sum + says[a]![b]!, 0);
    const first = all[members.reduce((best, each) => (about(each) > about(best) ? each : best))]!.field;
    const strength = (other: number): number => Math.max(...members.map((member) => link(member, other)));
    const others = [...all.keys()].filter((at) => !members.includes(at) && strength(at) >= related);
    others.sort((a, b) => strength(b) - strength(a));
    return [
      {
        name: members.length === 1 ? first : `${first} + ${members.length - 1}`,
        fields: members.map((at) => all[at]!.field),
        ...heldSets(
          domains,
          others.map((at) => all[at]!),
        ),
      },
    ];
  });
  return { groups, constant: fields.filter((field) => !all.some((each) => each.field === field)) };
}

/** Whether two features belong to one sequence, whose positions hold a value of each. */
function inOneSequence({ features, groups }: ModelSpec, a: string, b: string): boolean {
  const [one, other] = [a, b].map((name) => features.find((each) => each.name === name)?.sequence);
  if (one === undefined || other === undefined) return false;
  const inputs = groups.flatMap(({ sequences }) => sequences?.groups ?? []);
  return (
    (one.of !== null && one.of === other.of) || inputs.some((each) => [a, b].every((n) => each.features.includes(n)))
  );
}

export function fieldValues(field: string, column: FeatureColumn, rows: number): FieldValues {
  const numbers = new Numbering<number | string>();
  let ranks: Float64Array | null = null;
  let value = (row: number): number | string => rowValue(column, row);
  if (column.kind === "dense" && column.dim === 1) {
    const sorted = column.values.slice().sort();
    const first = new Map<number, number>();
    for (let at = rows - 1; at >= 0; at--) first.set(sorted[at]!, at);
    ranks = Float64Array.from(column.values, (each) => first.get(each)! / rows);
    const all = ranks;
    value = first.size > mostNumbers ? (row) => Math.floor(10 * all[row]!) : (row) => all[row]!;
  }
  const codes = new Int32Array(rows).map((_, row) => numbers.of(value(row)));
  return { field, codes, count: numbers.values.length, ranks };
}

function rowValue(column: FeatureColumn, row: number): number | string {
  if (column.kind === "ids") return column.ids[row]!;
  if (column.kind === "bag") return column.ids.subarray(column.offsets[row]!, column.offsets[row + 1]!).join();
  return column.values.subarray(row * column.dim, (row + 1) * column.dim).join();
}

/**
 * Associations, [field][other]: the share of the other's variation that disappears between two rows with the same value
 * of the field, from 0 (independent) to 1 (determined). For ids it is Goodman and Kruskal's tau, for numbers the share
 * of the variance of their ranks. Both are unbiased for any number of values, since no row is compared with itself.
 */
function* associations(all: readonly FieldValues[], rowCount: number): Work<number[][]> {
  const count = Math.min(mostRows, rowCount);
  const rows = new Int32Array(count).map((_, at) => Math.floor((at * rowCount) / count));
  const whole = all.map((of) => variation(of, rows) / count);
  const table: number[][] = [];
  for (const [a, { codes }] of all.entries()) {
    const sets = new Map<number, number[]>();
    for (const row of rows) getOrMake(sets, codes[row]!, () => []).push(row);
    const shared = [...sets.values()].filter(({ length }) => length > 1);
    const mates = shared.reduce((sum, { length }) => sum + length, 0);
    const line: number[] = [];
    for (const [b, of] of all.entries()) {
      const within = shared.reduce((sum, set) => sum + variation(of, set), 0);
      line.push(mates < fewestMates || whole[b] === 0 ? 0 : a === b ? 1 : 1 - within / mates / whole[b]!);
      yield;
    }
    table.push(line);
  }
  return table;
}

/** The number of rows times the rate at which two of them differ, or times the variance of their ranks. */
export function variation({ codes, ranks }: Pick<FieldValues, "codes" | "ranks">, rows: ArrayLike<number>): number {
  const { length } = rows;
  if (length < 2) return 0;
  let [sum, squares] = [0, 0];
  if (ranks !== null) {
    for (let at = 0; at < length; at++) {
      sum += ranks[rows[at]!]!;
      squares += ranks[rows[at]!]! ** 2;
    }
    return (length * Math.max(0, squares - sum ** 2 / length)) / (length - 1);
  }
  const counts = new Map<number, number>();
  for (let at = 0; at < length; at++) {
    const before = counts.get(codes[rows[at]!]!) ?? 0;
    squares += 2 * before;
    counts.set(codes[rows[at]!]!, before + 1);
  }
  return length - squares / (length - 1);
}

/** Members of the same component are linked, directly or by others. */
function components(count: number, linked: (a: number, b: number) => boolean): number[][] {
  const lists: number[][] = [];
  for (let at = 0; at < count; at++) {
    const near = lists.filter((list) => list.some((other) => linked(at, other)));
    const joined = [...near.flat(), at].sort((a, b) => a - b);
    const rest = lists.filter((list) => !near.includes(list));
    lists.splice(0, lists.length, ...rest, joined);
  }
  return lists.sort((a, b) => a[0]! - b[0]!);
}

/** Sets of rows of a domain that agree in these fields, in order, as long as the sets do not become small. */
function heldSets(domains: Int32Array, fields: readonly FieldValues[]): Pick<GroupRows, "held" | "sets"> {
  let sets = domains;
  const held: string[] = [];
  for (const { field, codes, count } of fields) {
    if (count > domains.length / smallSet) continue;
    const numbers = new Numbering<number>();
    const finer = sets.map((set, row) => numbers.of(set * count + codes[row]!));
    const sizes = new Int32Array(numbers.values.length);
    for (const set of finer) sizes[set]! += 1;
    const inSmall = sizes.reduce((sum, size) => sum + (size < smallSet ? size : 0), 0);
    if (inSmall > mostInSmall * domains.length) continue;
    sets = finer;
    held.push(field);
  }
  return { held, sets };
}

/** For each row another one of its set, each row once; itself if it is alone. */
export function exchangedRows(sets: Int32Array, source: Random): Int32Array {
  const donors = new Int32Array(sets.length);
  const ends = new Map<number, [first: number, last: number]>();
  for (const row of permutation(sets.length, source)) {
    const end = ends.get(sets[row]!);
    if (end === undefined) ends.set(sets[row]!, [row, row]);
    else {
      donors[row] = end[1];
      end[1] = row;
    }
  }
  for (const [first, last] of ends.values()) donors[first] = last;
  return donors;
}
