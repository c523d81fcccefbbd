/**
 * Numbers that contain the label of their own row, or later information: counts and rates of a user or an item that
 * were not computed from earlier rows alone.
 */
import { exactAuc } from "../../metrics/auc.js";
import { aucStandardError } from "../../metrics/intervals/normal.js";
import { isBinary, type ModelSpec } from "../../spec/model.js";
import { Numbering } from "../../util/growing.js";
import { mean } from "../../util/numbers.js";
import { fixed } from "../../util/text.js";
import { parseTruths } from "../cells.js";
import { sourceColumns } from "../encode/plan.js";
import { columnRows, hasValue, joinColumns, type RawColumn, type ScalarColumn, valueNumbers } from "../table/column.js";
import { readTimes, type Table } from "../table/table.js";
import type { AheadColumn } from "./facts.js";

/** The maximum number of rows that are examined, and of pairs of rows that are compared. */
const mostRows = 1_000_000;
const mostPairs = 20_000;
/** With fewer pairs, rows of a class, or keys, nothing is certain. */
const leastPairs = 100;
const leastClassPairs = 20;
const leastKeys = 60;
/** The AUC from which changes of a column count as revealing the label of the row where they happen. */
const saysLabel = 0.93;
/** The share of rows in which a column must equal a count. */
const equalShare = 0.99;
/** Standard errors at which a sign counts: many columns, labels and keys are tried. */
const certain = 5;
/** If a relation to the label is weaker than this AUC above 0.5, it is not checked on other rows. */
const leastRelation = 0.05;

/** Rows in the order of time. */
interface TimedRows {
  /** Row numbers, oldest first; rows without a time are left out. */
  readonly order: Int32Array;
  readonly times: ArrayLike<number>;
  readonly labels: readonly { readonly name: string; readonly values: Float32Array }[];
  readonly keys: readonly KeyCodes[];
  readonly columns: readonly { readonly name: string; readonly values: Float64Array }[];
}

interface KeyCodes {
  /** Such as `user_id × scene`. */
  readonly name: string;
  /** How priors name it. */
  readonly by: string;
  /** By row; −1: a part of the key is missing. */
  readonly codes: Int32Array;
  readonly count: number;
}

/** The columns that a feature reads and that seem to look ahead. */
export async function columnsAhead(
  table: Table,
  training: Table | undefined,
  spec: ModelSpec,
): Promise<readonly AheadColumn[]> {
  const roles = table.roles.time === undefined ? (training ?? table).roles : table.roles;
  const names = watchedNames(table, training, spec, roles.time, [roles.user, roles.item]);
  if (names === null) return [];
  const needed = [...new Set([names.time, ...names.labels, ...names.keys.flat(), ...names.columns])];
  const here = await table.readFirst(mostRows, needed);
  const before = training === undefined ? null : await training.readFirst(mostRows, needed);
  const sets = before === null ? [here] : [before, joined(before, here), here];
  const [first, whole = first, last] = sets.map((set) => timedRows(set, names, table.source));
  const all = [...names.columns.keys()];
  const inFirst = signsIn(first!, all);
  const others = all.filter((at) => !inFirst.has(at));
  const inWhole = whole === first ? new Map<number, Sign>() : signsIn(whole!, others);
  return names.columns.flatMap((column, at): AheadColumn[] => {
    const sign = inFirst.get(at) ?? inWhole.get(at) ?? (last ? breakAt(first!, last, at) : null);
    return sign === null ? [] : [{ column, ...sign }];
  });
}

interface WatchedNames {
  readonly time: string;
  readonly labels: readonly string[];
  readonly keys: readonly (readonly string[])[];
  readonly columns: readonly string[];
}

/** The columns to examine; `null`: no time, label, key or number. */
function watchedNames(
  table: Table,
  training: Table | undefined,
  spec: ModelSpec,
  time: string | undefined,
  ofRoles: readonly (string | undefined)[],
): WatchedNames | null {
  if (time === undefined) return null;
  const isPresent = (name: string): boolean => table.has(name) && (training?.has(name) ?? true);
  const labels = [...new Set(spec.towers.filter(isBinary).map(({ label }) => label))].filter(isPresent);
  const sources = spec.features.map((feature) => ({ feature, names: sourceColumns(table, feature, spec) }));
  const ids = sources.flatMap(({ feature, names }) => (feature.kind === "id" && names.length === 1 ? names : []));
  const domain = spec.domains?.column;
  const main = ofRoles.filter((name) => name !== undefined);
  const isKey = (name: string): boolean => isPresent(name) && !["list", "other"].includes(table.info(name)!.type);
  const singles = [...new Set([...main, ...ids])].filter((name) => isKey(name) && !labels.includes(name)).slice(0, 8);
  const pairs = main.flatMap((name) => (domain !== undefined && domain !== name ? [[name, domain]] : []));
  const keys = [...singles.map((name) => [name]), ...pairs.filter((pair) => pair.every(isKey))];
  const others = new Set([time, ...labels, ...main, ...(domain === undefined ? [] : [domain])]);
  const columns = [...new Set(sources.flatMap(({ names }) => names))].filter((name) => {
    return isPresent(name) && !others.has(name) && ["integer", "float"].includes(table.info(name)!.type);
  });
  const isWatched = isPresent(time) && labels.length > 0 && keys.length > 0 && columns.length > 0;
  return isWatched ? { time, labels, keys, columns } : null;
}

function joined(a: ReadonlyMap<string, RawColumn>, b: ReadonlyMap<string, RawColumn>): Map<string, RawColumn> {
  return new Map(
    [...a].map(([name, column]) => {
      const other = b.get(name)!;
      const isAlike = column.kind === other.kind && column.kind !== "list";
      return [name, isAlike ? joinColumns([column, other as ScalarColumn]) : column];
    }),
  );
}

function timedRows(read: ReadonlyMap<string, RawColumn>, names: WatchedNames, source: string): TimedRows {
  const times = readTimes(read.get(names.time)!, `${source}: column "${names.time}"`);
  const order = Int32Array.from(times, (_, row) => row)
    .filter((row) => !Number.isNaN(times[row]!))
    .sort((a, b) => times[a]! - times[b]! || a - b);
  const codes = new Map(
    [...new Set(names.keys.flat())].map((name) => [name, valueNumbers(read.get(name) as ScalarColumn)]),
  );
  const keys = names.keys.map((key): KeyCodes => {
    const numbering = new Numbering<string | number>();
    const parts = key.map((name) => codes.get(name)!);
    const ofKey = Int32Array.from(parts[0]!, (_, row) => {
      if (parts.some((part) => part[row]! < 0)) return -1;
      return numbering.of(parts.length === 1 ? parts[0]![row]! : parts.map((part) => part[row]!).join());
    });
    const by = JSON.stringify(key.length === 1 ? key[0] : key);
    return { name: key.join(" × "), by, codes: ofKey, count: numbering.values.length };
  });
  const numbers = (name: string): Float64Array => {
    const column = read.get(name)!;
    const parsed = column.kind === "text" ? parseTruths(column) : column;
    if (parsed?.kind !== "number") return new Float64Array(columnRows(column)).fill(Number.NaN);
    return Float64Array.from(parsed.values, (value, row) => (hasValue(parsed, row) ? value : Number.NaN));
  };
  return {
    order,
    times,
    keys,
    labels: names.labels.map((name) => ({ name, values: Float32Array.from(numbers(name)) })),
    columns: names.columns.map((name) => ({ name, values: numbers(name) })),
  };
}

interface Sign {
  readonly why: string;
  readonly by: string;
  readonly label: string;
}

/** The first sign of each column that has one, by key and label. What a key's rows are is found once for all columns. */
function signsIn(rows: TimedRows, columns: readonly number[]): Map<number, Sign> {
  const signs = new Map<number, Sign>();
  for (const key of rows.keys) {
    const [neighbours, upTo] = [neighboursOf(rows, key), rowsUpTo(rows, key)];
    for (const { name: label, values: labels } of rows.labels) {
      const counts = countsOf(rows, key, labels);
      for (const column of columns) {
        if (signs.has(column)) continue;
        const { values } = rows.columns[column]!;
        const why =
          equalCount(rows, values, key, { ...counts, upTo }, label) ??
          changesWithLabel(neighbours, values, key, labels, label) ??
          oppositeHalves(rows, values, key, labels, label);
        if (why !== null) signs.set(column, { why, by: key.by, label });
      }
    }
  }
  return signs;
}

/** Of each row: the rows of its key so far; rows of one time count each other. */
function rowsUpTo({ order, times }: TimedRows, { codes, count }: KeyCodes): Int32Array {
  const rows = new Int32Array(count);
  const upTo = new Int32Array(codes.length);
  for (let at = 0; at < order.length; ) {
    let end = at;
    for (; end < order.length && times[order[end]!] === times[order[at]!]; end++) {
      const code = codes[order[end]!]!;
      if (code >= 0) rows[code]!++;
    }
    for (; at < end; at++) upTo[order[at]!] = codes[order[at]!]! < 0 ? 0 : rows[codes[order[at]!]!]!;
  }
  return upTo;
}

interface KeyCounts {
  /** By code. */
  readonly rows: Int32Array;
  readonly labelled: Int32Array;
  readonly positives: Int32Array;
}

function countsOf({ order }: TimedRows, { codes, count }: KeyCodes, labels: Float32Array): KeyCounts {
  const [rows, positives, labelled] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  for (const row of order) {
    const code = codes[row]!;
    if (code < 0) continue;
    rows[code]!++;
    if (Number.isNaN(labels[row]!)) continue;
    labelled[code]!++;
    if (labels[row]! > 0) positives[code]!++;
  }
  return { rows, labelled, positives };
}

/** Whether a column is a count or a rate of the key over all rows, or one that includes the row. */
function equalCount(
  { order }: TimedRows,
  values: Float64Array,
  { name, codes }: KeyCodes,
  { rows, labelled, positives, upTo }: KeyCounts & { readonly upTo: Int32Array },
  label: string,
): string | null {
  const candidates: readonly (readonly [what: string, value: (row: number, code: number) => number])[] = [
    [`the number of all rows of the ${name}, later ones included`, (_, code) => rows[code]!],
    [
      `the number of all rows of the ${name} with "${label}" above 0, later ones included`,
      (_, code) => positives[code]!,
    ],
    [
      `the share of all rows of the ${name} with "${label}" above 0, later ones included`,
      (_, code) => positives[code]! / labelled[code]!,
    ],
    [
      `the number of rows of the ${name} with the row itself (if it numbers them, such as visits, it is known before the label)`,
      (row) => upTo[row]!,
    ],
  ];
  const mostUnequal = (1 - equalShare) * order.length + 1;
  for (const [what, value] of candidates) {
    let [compared, equal, distinct] = [0, 0, 0];
    let last = Number.NaN;
    for (const row of order) {
      const code = codes[row]!;
      if (code < 0 || Number.isNaN(values[row]!)) continue;
      const expected = value(row, code);
      compared++;
      if (Math.abs(values[row]! - expected) <= 1e-6 * Math.max(1, Math.abs(expected))) equal++;
      else if (compared - equal > mostUnequal) break;
      if (expected !== last) distinct++;
      last = expected;
    }
    if (compared >= leastPairs && distinct >= leastClassPairs && equal >= equalShare * compared) return `it is ${what}`;
  }
  return null;
}

/** Rows with the row of their key before them, which is at an earlier time, oldest first. */
interface Neighbours {
  readonly rows: Int32Array;
  readonly before: Int32Array;
  readonly gaps: Float64Array;
  /** The median. */
  readonly usualGap: number;
}

function neighboursOf({ order, times }: TimedRows, { codes, count }: KeyCodes): Neighbours {
  const last = new Int32Array(count).fill(-1);
  const [rows, before] = [new Int32Array(order.length), new Int32Array(order.length)];
  const gaps = new Float64Array(order.length);
  let size = 0;
  for (const row of order) {
    const code = codes[row]!;
    if (code < 0) continue;
    const other = last[code]!;
    last[code] = row;
    if (other < 0 || !(times[row]! > times[other]!)) continue;
    [rows[size], before[size], gaps[size]] = [row, other, times[row]! - times[other]!];
    size++;
  }
  const all = gaps.slice(0, size);
  return { rows: rows.slice(0, size), before: before.slice(0, size), gaps: all, usualGap: median(all) };
}

function median(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1] ?? 0;
}

/** From a row of a key to its next. */
interface Pairs {
  /** Of the column. */
  readonly changes: Float64Array;
  /** Of the next row. */
  readonly labels: Float32Array;
}

/** Whether a column changes, from a key's row to the next, as the label of the next one says. */
function changesWithLabel(
  neighbours: Neighbours,
  values: Float64Array,
  key: KeyCodes,
  labels: Float32Array,
  label: string,
): string | null {
  const pairs = closePairs(neighbours, values, labels);
  // A count of positives changes at these alone; a rate hardly changes where it is near 0 or 1.
  const auc = certainAuc(pairs) ?? certainAuc(changing(pairs));
  if (auc === null) return null;
  const direction = auc > 0.5 ? "rises where it is positive" : "falls where it is positive";
  return (
    `from one row of a ${key.name} to the next, its change tells the label "${label}" of that next row ` +
    `(AUC ${fixed(auc)}: it ${direction}), as a count that includes the row itself, or rows after it, does`
  );
}

function changing({ changes, labels }: Pairs): Pairs {
  return { changes: changes.filter((change) => change !== 0), labels: labels.filter((_, at) => changes[at] !== 0) };
}

/** The AUC with which changes predict labels; `null` unless it is near 0 or 1. */
function certainAuc({ changes, labels }: Pairs): number | null {
  let positives = 0;
  for (const label of labels) if (label > 0) positives++;
  if (labels.length < leastPairs || Math.min(positives, labels.length - positives) < leastClassPairs) return null;
  const auc = exactAuc(changes, labels);
  return auc === null || Math.max(auc, 1 - auc) < saysLabel ? null : auc;
}

/** Pairs that are no further apart in time than usual, because fewer rows leave a window between them. */
function closePairs({ rows, before, gaps, usualGap }: Neighbours, values: Float64Array, labels: Float32Array): Pairs {
  const pairs = new Int32Array(rows.length);
  let count = 0;
  for (let at = 0; at < rows.length; at++) {
    const change = values[rows[at]!]! - values[before[at]!]!;
    if (Number.isFinite(change) && !Number.isNaN(labels[rows[at]!]!)) pairs[count++] = at;
  }
  const usual =
    count === rows.length ? usualGap : median(Float64Array.from(pairs.subarray(0, count), (at) => gaps[at]!));
  let close = 0;
  for (let place = 0; place < count; place++) if (gaps[pairs[place]!]! <= usual) pairs[close++] = pairs[place]!;
  const step = Math.max(1, Math.ceil(close / mostPairs));
  const used = Math.ceil(close / step);
  const [changes, ofRows] = [new Float64Array(used), new Float32Array(used)];
  for (let place = 0; place < used; place++) {
    const at = pairs[place * step]!;
    changes[place] = values[rows[at]!]! - values[before[at]!]!;
    ofRows[place] = labels[rows[at]!]!;
  }
  return { changes, labels: ofRows };
}

/** Bins of a column's values, in which the label's usual rate is computed. */
const bins = 20;

/**
 * Whether a column with one number per key is computed from the labels of these rows. If it were not, one half of a
 * key's labels would not be below the column's number when the other half is above it.
 */
function oppositeHalves(
  { order }: TimedRows,
  values: Float64Array,
  { name, codes, count }: KeyCodes,
  labels: Float32Array,
  label: string,
): string | null {
  const ofKey = new Float64Array(count).fill(Number.NaN);
  const halves = [0, 1].map(() => ({ rows: new Int32Array(count), positives: new Int32Array(count) }));
  const mostChanges = (1 - equalShare) * order.length + 1;
  let [pairs, changes] = [0, 0];
  for (const row of order) {
    const code = codes[row]!;
    if (code < 0 || !Number.isFinite(values[row]!) || Number.isNaN(labels[row]!)) continue;
    if (!Number.isNaN(ofKey[code]!)) {
      pairs++;
      if (ofKey[code] !== values[row] && ++changes > mostChanges) return null;
    }
    ofKey[code] = values[row]!;
    const half = halves[(halves[0]!.rows[code]! + halves[1]!.rows[code]!) % 2]!;
    half.rows[code]!++;
    half.positives[code]! += labels[row]! > 0 ? 1 : 0;
  }
  const used = Int32Array.from(ofKey, (_, code) => code).filter((code) => halves[1]!.rows[code]! > 0);
  if (used.length < leastKeys || changes > (1 - equalShare) * pairs) return null;
  used.sort((a, b) => ofKey[a]! - ofKey[b]!);
  const usual = new Float64Array(count);
  for (let bin = 0; bin < bins; bin++) {
    const part = used.subarray((bin * used.length) / bins, ((bin + 1) * used.length) / bins);
    const total = (of: "rows" | "positives"): number =>
      part.reduce((sum, code) => sum + halves[0]![of][code]! + halves[1]![of][code]!, 0);
    const rate = total("positives") / total("rows");
    for (const code of part) usual[code] = rate;
  }
  const products = Float64Array.from(used, (code) => {
    const [first, second] = halves.map(({ rows, positives }) => {
      return (positives[code]! - rows[code]! * usual[code]!) / Math.sqrt(rows[code]!);
    });
    return first! * second!;
  });
  const error = Math.sqrt(mean(products.map((product) => product ** 2)) / products.length);
  if (!(mean(products) < -certain * error)) return null;
  return (
    `it is one number for each ${name}, and was computed from the labels "${label}" of these rows: where half of a ` +
    `${name}'s labels are above what it promises, the other half are below`
  );
}

/** Whether a relation to the label in the training rows has mostly disappeared in later rows. */
function breakAt(training: TimedRows, later: TimedRows, column: number): Sign | null {
  const key = training.keys[0]!;
  for (const [at, { name: label }] of training.labels.entries()) {
    const [trained, held] = [training, later].map((rows) => relation(rows, column, at));
    if (!trained || !held || Math.abs(trained.auc - 0.5) < leastRelation) continue;
    const sign = Math.sign(trained.auc - 0.5);
    const [before, after] = [sign * (trained.auc - 0.5), sign * (held.auc - 0.5)];
    if (after > before / 2 || before - after < certain * Math.hypot(trained.error, held.error)) continue;
    const why =
      `alone it ranks "${label}" with AUC ${fixed(trained.auc)} in the training rows and ${fixed(held.auc)} in these: ` +
      "it was probably computed with the labels of the training rows";
    return { why, by: key.by, label };
  }
  return null;
}

/** The AUC of a column alone, with an error as if each key's rows were one. */
function relation({ order, columns, labels, keys }: TimedRows, column: number, label: number) {
  const [{ values }, { values: ofRows }] = [columns[column]!, labels[label]!];
  const rows = order.filter((row) => Number.isFinite(values[row]!) && !Number.isNaN(ofRows[row]!));
  const classes = Float32Array.from(rows, (row) => Number(ofRows[row]! > 0));
  const positives = classes.reduce((sum, value) => sum + value, 0);
  const auc = exactAuc(
    Float64Array.from(rows, (row) => values[row]!),
    classes,
  );
  if (auc === null) return null;
  const { codes } = keys[0]!;
  const units = new Set(rows.map((row) => codes[row]!)).size;
  const share = units / rows.length;
  const counted = Math.max(1, Math.min(units - 1, Math.round(positives * share)));
  if (units < leastPairs) return null;
  return { auc, error: aucStandardError({ auc, rows: units, positives: counted }) };
}
