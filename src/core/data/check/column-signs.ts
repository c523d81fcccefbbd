/** Signs that a column follows from a label: it is the label in disguise, or another stage of the same funnel. */
import { getOrMake } from "../../util/growing.js";
import { everyRow, mean, sum } from "../../util/numbers.js";
import { hasValue, type NumberColumn, type RawColumn, type ScalarColumn } from "../table/column.js";
import { categoriesAuc, disguisedAuc, numbersAuc } from "./feature-judges.js";

/** With fewer rows, no sign is certain. */
const leastRows = 100;

/** Why a column seems to follow from a label; `stage`: a funnel, one of whose stages is the label. */
export interface Disguise {
  readonly why: string;
  /** `later`: only positive rows reach it; `earlier`: only rows that reach it can be positive. */
  readonly stage: "earlier" | "later" | null;
}

/** Finds a column that alone ranks the label almost perfectly, or divides rows so that one part has one label only. */
export function disguise(column: RawColumn, labels: Float32Array): Disguise | null {
  if (column.kind === "list" || labels.length < leastRows) return null;
  if (!ranksLabel(column, labels)) return stageOf(column, labels);
  return { why: `alone it ranks the label with an AUC above ${disguisedAuc}`, stage: null };
}

/** An honest feature has exceptions: in this share of rows, or at this share of the label's usual rate. */
const honestExceptions = 0.05;
/** The probability below which a part without exceptions is not due to chance for an honest feature. */
const chanceLimit = 0.01;

interface Part {
  readonly name: string;
  readonly holds: (row: number) => boolean;
}

function stageOf(column: ScalarColumn, labels: Float32Array): Disguise | null {
  const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  for (const { name, holds } of partsOf(column, labels.length)) {
    let [rows, positives, rest] = [0, 0, 0];
    for (const [row, label] of labels.entries()) {
      if (!holds(row)) rest++;
      else {
        rows++;
        positives += label;
      }
    }
    const exceptions = positives === 0 ? rate : 1 - rate;
    const isPure = rows > 0 && rest > 0 && (positives === 0 || positives === rows);
    const expected = positives === 0 ? honestExceptions * rate : Math.min(honestExceptions, exceptions);
    if (!isPure || rows * Math.log1p(-expected) > Math.log(chanceLimit)) continue;
    const isAbsence = /^(0|missing|false|"false")$/i.test(name);
    const stage = positives > 0 ? (isAbsence ? null : "later") : isAbsence ? "earlier" : null;
    return { why: `where it is ${name}, the label is always ${positives === 0 ? 0 : 1}`, stage };
  }
  return null;
}

/** The parts of the rows: present or missing, zero or not, and the values of a column that has two. */
function partsOf(column: ScalarColumn, rows: number): Part[] {
  const isPresent = (row: number): boolean => hasValue(column, row);
  const parts: Part[] = [
    { name: "missing", holds: (row) => !isPresent(row) },
    { name: "present", holds: isPresent },
  ];
  const keys = column.kind === "text" ? column.codes : column.values;
  const distinct = new Set<number>();
  for (let row = 0; row < rows && distinct.size < 3; row++) if (isPresent(row)) distinct.add(keys[row]!);
  if (distinct.size === 2) {
    for (const key of distinct) {
      parts.push({ name: keyText(column, key), holds: (row) => isPresent(row) && keys[row] === key });
    }
  } else if (column.kind === "number") {
    parts.push({ name: "0", holds: (row) => isPresent(row) && keys[row] === 0 });
    parts.push({ name: "not 0", holds: (row) => isPresent(row) && keys[row] !== 0 });
  }
  return parts;
}

function keyText(column: ScalarColumn, key: number): string {
  if (column.kind === "text") return JSON.stringify(column.words[key] ?? null);
  return column.type === "boolean" ? String(key !== 0) : String(key);
}

/** Whether the column ranks the label almost perfectly, by the label's rate of each value or by the size of numbers. */
function ranksLabel(column: ScalarColumn, labels: Float32Array): boolean {
  const keys = column.kind === "text" ? column.codes : column.values;
  const valid = column.kind === "number" ? column.valid : null;
  const value = (row: number): number => (valid?.[row] === 0 ? Number.NaN : keys[row]!);
  const rows = everyRow(labels.length);
  if ((categoriesAuc(value, labels, rows) ?? 0.5) >= disguisedAuc) return true;
  if (column.kind === "text") return false;
  const number = (row: number): number => (Number.isFinite(value(row)) ? value(row) : 0);
  return (numbersAuc(number, labels, rows) ?? 0.5) >= disguisedAuc;
}

/** The number of standard errors above 0 at which a gain on held-out rows counts. */
const certain = 3;
/** The rate of a value starts from this number of its neighbours' rows; a value in fewer rows is rare. */
export const priorRows = 20;

/** A value in as large a share of the rows has an edge of its own in a number's pieces, so that ids add nothing to it. */
const heavyShare = 1 / 20;
/** Nats that its own rate must save in all rows of a rare value, on average; for less, a network learns noise by it. */
const leastRareGain = 0.05;

/** How whole numbers predict a label on held-out rows; values in a twentieth of the rows do not count. */
export interface CodesGain {
  /** Whether the rate of each value predicts better than the rates of its neighbours, so that the numbers are names. */
  readonly areNames: boolean;
  /** The same of the rare values alone. */
  readonly rareAreNames: boolean;
  /** Whether rare values of numbers whose order matters gain enough by it to be learned. */
  readonly rarePay: boolean;
  /**
   * `true`: the rates of neighbours predict better than that of all other values, so that the order of the numbers
   * matters. `false`: they predict worse. `null`: neither is certain.
   */
  readonly areOrdered: boolean | null;
  /** Log loss with the rates of neighbours, and with that of each value. */
  readonly losses: readonly [neighbours: number, values: number];
}

/**
 * Fits label rates on one half of the rows and measures them on the other, both ways. A value's neighbours are the
 * nearest rows below and above it in order, without its own rows: the smooth effect of a number shows in them, too.
 */
export function codesGain(column: NumberColumn, labels: Float32Array): CodesGain {
  const [names, rareNames, order]: [number[], number[], number[]] = [[], [], []];
  const rareValues = new Set<number>();
  let [neighbourLoss, valueLoss] = [0, 0];
  const heavy = heavyValues(column);
  const halves = [0, 1].map((half) => halfRates(column, labels, half, heavy));
  for (const [half, rates] of halves.entries()) {
    for (let row = 1 - half; row < labels.length; row += 2) {
      const value = column.values[row]!;
      const rate = hasValue(column, row) ? rates.get(value) : undefined;
      if (rate === undefined) continue; // heavy, or a value that the other half lacks
      const { others, neighbours, named, rows } = rate;
      const loss = (chance: number): number => -Math.log(labels[row]! > 0 ? chance : 1 - chance);
      const [byNeighbours, byValue] = [loss(neighbours), loss(named)];
      names.push(byNeighbours - byValue);
      if (rows + halves[1 - half]!.get(value)!.rows < priorRows) {
        rareNames.push(byNeighbours - byValue);
        rareValues.add(value);
      }
      order.push(loss(others) - byNeighbours);
      neighbourLoss += byNeighbours;
      valueLoss += byValue;
    }
  }
  return {
    areNames: isCertain(names),
    rareAreNames: isCertain(rareNames),
    rarePay: isCertain(rareNames) && sum(rareNames) >= leastRareGain * rareValues.size,
    areOrdered: isCertain(order) ? true : isCertain(order.map((gain) => -gain)) ? false : null,
    losses: [neighbourLoss / names.length, valueLoss / names.length],
  };
}

/** @param gains of held-out rows, which are independent once the rates are fitted */
function isCertain(gains: readonly number[]): boolean {
  return sum(gains) > certain * Math.sqrt(sum(gains.map((gain) => gain ** 2)));
}

function heavyValues({ values, valid }: NumberColumn): ReadonlySet<number> {
  const counts = new Map<number, number>();
  let filled = 0;
  for (const [row, value] of values.entries()) {
    if (valid?.[row] === 0 || Number.isNaN(value)) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    filled++;
  }
  return new Set([...counts].flatMap(([value, rows]) => (rows >= heavyShare * filled ? [value] : [])));
}

/**
 * The rates of the values of every second row; `named` is that of the value's rows, starting from its neighbours' rate,
 * and `others` that of all rows of other values.
 */
function halfRates({ values, valid }: NumberColumn, labels: Float32Array, half: number, heavy: ReadonlySet<number>) {
  const counts = new Map<number, { rows: number; positives: number }>();
  for (let row = half; row < labels.length; row += 2) {
    if (valid?.[row] === 0 || Number.isNaN(values[row]) || heavy.has(values[row]!)) continue;
    const count = getOrMake(counts, values[row]!, () => ({ rows: 0, positives: 0 }));
    count.rows++;
    count.positives += labels[row]! > 0 ? 1 : 0;
  }
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const [rows, positives] = [[0], [0]];
  for (const [at, [, count]] of sorted.entries()) {
    rows.push(rows[at]! + count.rows);
    positives.push(positives[at]! + count.positives);
  }
  const [allRows, allPositives] = [rows.at(-1)!, positives.at(-1)!];
  const overall = (allPositives + 0.5) / (allRows + 1);
  const nearest = Math.max(50, allRows / 40); // two sides of one bucket of twenty
  const rateIn = (from: number, to: number): number =>
    (positives[to]! - positives[from]! + overall) / (rows[to]! - rows[from]! + 1);
  let [low, high] = [0, 0];
  const rates = sorted.map(([value, count], at) => {
    while (low < at && rows[at]! - rows[low + 1]! >= nearest) low++;
    while (high < sorted.length && rows[high]! - rows[at + 1]! < nearest) high++;
    const sides = [...(at > 0 ? [rateIn(low, at)] : []), ...(at + 1 < sorted.length ? [rateIn(at + 1, high)] : [])];
    const neighbours = sides.length === 0 ? overall : mean(sides);
    const named = (count.positives + priorRows * neighbours) / (count.rows + priorRows);
    const others = (allPositives - count.positives + 0.5) / (allRows - count.rows + 1);
    return [value, { others, neighbours, named, rows: count.rows }] as const;
  });
  return new Map(rates);
}

/** The number of neighbouring rows on each side of a number, without the rows of that number. */
const neighbourRows = 10;
/** For ids, a smaller effect comes from what nearby ids have in common, such as their age. */
const tellingAuc = 0.7;

/**
 * The AUC of ranking each row by the labels of rows with the nearest other numbers, if their order alone says more than
 * that of ids should; `null`: it does not, or there are few rows. This detects numbers that were assigned by the
 * outcome, or to rows that a file stores in runs.
 */
export function orderAuc(column: NumberColumn, labels: Float32Array): number | null {
  const present = everyRow(labels.length).filter((row) => hasValue(column, row));
  const rows = present.sort((a, b) => column.values[a]! - column.values[b]!);
  const sums = new Float64Array(rows.length + 1);
  for (const [at, row] of rows.entries()) sums[at + 1] = sums[at]! + (labels[row]! > 0 ? 1 : 0);
  const rates = new Float64Array(labels.length);
  for (let start = 0, end = 0; start < rows.length; start = end) {
    const value = column.values[rows[start]!];
    while (end < rows.length && column.values[rows[end]!] === value) end++;
    const [low, high] = [Math.max(0, start - neighbourRows), Math.min(rows.length, end + neighbourRows)];
    const near = sums[start]! - sums[low]! + sums[high]! - sums[end]!;
    for (let at = start; at < end; at++) rates[rows[at]!] = near / Math.max(1, start - low + high - end);
  }
  const auc = numbersAuc((row) => rates[row]!, labels, rows);
  return auc !== null && auc >= tellingAuc ? auc : null;
}
