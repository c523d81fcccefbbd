/**
 * How well the values of one column alone rank a label. An AUC of {@link disguisedAuc} reveals a column that is the
 * label in another form, or known only after it.
 */
import { exactAuc } from "../../metrics/index.js";

/** The AUC of one column alone that no honest feature reaches. */
export const disguisedAuc = 0.995;
/** Fewer rows of a class prove nothing. */
const leastClassRows = 20;

/** A value of each row; equal values belong to one category. */
type ValueAt = (row: number) => number;

/** The AUC of numbers, in the better direction; `null` with few rows of a class or a number that is not finite. */
export function numbersAuc(valueAt: ValueAt, labels: Float32Array, rows: Int32Array): number | null {
  return rankingAuc(Float32Array.from(rows, valueAt), labelsIn(labels, rows));
}

/**
 * The AUC of categories: the label's rate of each, in every other row, ranks the remaining rows, so that rare
 * categories cannot know their own label. `null` with few rows of a class.
 */
export function categoriesAuc(valueAt: ValueAt, labels: Float32Array, rows: Int32Array): number | null {
  const counts = new Map<number, { rows: number; positives: number }>();
  for (let at = 0; at < rows.length; at += 2) {
    const row = rows[at]!;
    const value = valueAt(row);
    const count = counts.get(value) ?? { rows: 0, positives: 0 };
    count.rows++;
    if (labels[row]! > 0) count.positives++;
    counts.set(value, count);
  }
  const rest = rows.filter((_, at) => at % 2 === 1);
  const rate = (row: number): number => {
    const count = counts.get(valueAt(row));
    return count === undefined ? 0.5 : (count.positives + 0.5) / (count.rows + 1);
  };
  return rankingAuc(Float32Array.from(rest, rate), labelsIn(labels, rest));
}

function labelsIn(labels: Float32Array, rows: Int32Array): Float32Array {
  return Float32Array.from(rows, (row) => labels[row]!);
}

function rankingAuc(scores: Float32Array, labels: Float32Array): number | null {
  const positives = labels.reduce((total, label) => total + (label > 0 ? 1 : 0), 0);
  if (positives < leastClassRows || labels.length - positives < leastClassRows) return null;
  if (!scores.every(Number.isFinite)) return null;
  const value = exactAuc(scores, labels);
  return value === null ? null : Math.max(value, 1 - value);
}
