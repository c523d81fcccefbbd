/** Finds columns that say the label in other words. */
import type { RawColumn } from "../../../data/index.js";
import { exactAuc } from "../../../metrics/index.js";

/** From this AUC of a single column on, it is taken for the label itself. */
const suspiciousAuc = 0.995;
/** Fewer rows prove nothing. */
const leastRows = 100;
/** From this share of rows on, a value that fixes the label is no accident. */
const leastShare = 0.01;

/**
 * Why a column seems to follow from the label: it alone ranks the label almost perfectly, or it has two values of which
 * one fixes the label. `null`: it does not.
 */
export function disguise(column: RawColumn, labels: Float32Array): string | null {
  if (column.kind === "list" || labels.length < leastRows) return null;
  if (ranksLabel(column, labels)) return `alone it ranks the label with an AUC above ${suspiciousAuc}`;
  return fixedBy(column, labels);
}

/** A column of two values, one of which always has the same label, although both labels are common. */
function fixedBy(column: Exclude<RawColumn, { kind: "list" }>, labels: Float32Array): string | null {
  const counts = new Map<string, { rows: number; positives: number }>();
  for (const [row, label] of labels.entries()) {
    const key = textAt(column, row);
    const count = counts.get(key) ?? { rows: 0, positives: 0 };
    counts.set(key, { rows: count.rows + 1, positives: count.positives + label });
    if (counts.size > 2) return null;
  }
  const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  for (const [value, { rows, positives }] of counts) {
    const isPure = positives === 0 || positives === rows;
    // By chance, a value with this number of rows would nearly never have one label only.
    const chance = rows * Math.log(positives === 0 ? 1 - rate : rate);
    if (counts.size === 2 && isPure && rows >= leastShare * labels.length && chance < -20) {
      return `where it is ${value}, the label is always ${positives === 0 ? 0 : 1}`;
    }
  }
  return null;
}

function textAt(column: Exclude<RawColumn, { kind: "list" }>, row: number): string {
  if (column.kind === "text") return JSON.stringify(column.words[column.codes[row]!] ?? null);
  if (column.valid !== null && column.valid[row] === 0) return "null";
  return column.type === "boolean" ? String(column.values[row] !== 0) : String(column.values[row]);
}

/** By the label's rate of each value, learned on every other row, or by the size of numbers. */
function ranksLabel(column: Exclude<RawColumn, { kind: "list" }>, labels: Float32Array): boolean {
  const keys = column.kind === "text" ? column.codes : column.values;
  const valid = column.kind === "number" ? column.valid : null;
  const value = (row: number): number => (valid?.[row] === 0 ? Number.NaN : keys[row]!);
  if (rateAuc(value, labels) >= suspiciousAuc) return true;
  if (column.kind === "text") return false;
  const scores = Float32Array.from(labels, (_, row) => (Number.isFinite(value(row)) ? value(row) : 0));
  const auc = exactAuc(scores, labels) ?? 0.5;
  return Math.max(auc, 1 - auc) >= suspiciousAuc;
}

function rateAuc(value: (row: number) => number, labels: Float32Array): number {
  const sums = new Map<number, { rows: number; positives: number }>();
  for (let row = 0; row < labels.length; row += 2) {
    const sum = sums.get(value(row)) ?? { rows: 0, positives: 0 };
    sums.set(value(row), { rows: sum.rows + 1, positives: sum.positives + labels[row]! });
  }
  const held = Float32Array.from({ length: Math.floor(labels.length / 2) }, (_, at) => labels[2 * at + 1]!);
  const scores = held.map((_, at) => {
    const sum = sums.get(value(2 * at + 1));
    return sum === undefined ? 0.5 : sum.positives / sum.rows;
  });
  return exactAuc(scores, held) ?? 0.5;
}
