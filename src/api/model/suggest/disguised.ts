/** Finds columns that say the label in other words. */
import { categoriesAuc, disguisedAuc, numbersAuc, type RawColumn } from "../../../data/index.js";

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
  if (ranksLabel(column, labels)) return `alone it ranks the label with an AUC above ${disguisedAuc}`;
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

/** By the label's rate of each value, or by the size of numbers. */
function ranksLabel(column: Exclude<RawColumn, { kind: "list" }>, labels: Float32Array): boolean {
  const keys = column.kind === "text" ? column.codes : column.values;
  const valid = column.kind === "number" ? column.valid : null;
  const value = (row: number): number => (valid?.[row] === 0 ? Number.NaN : keys[row]!);
  const rows = Int32Array.from(labels.keys());
  if ((categoriesAuc(value, labels, rows) ?? 0.5) >= disguisedAuc) return true;
  if (column.kind === "text") return false;
  const number = (row: number): number => (Number.isFinite(value(row)) ? value(row) : 0);
  return (numbersAuc(number, labels, rows) ?? 0.5) >= disguisedAuc;
}
