/** Which pairs of columns have rates that neither column has: a quick score test, for pairs of many sparse cells. */
import { dot } from "../../core/util/numbers.js";
import type { Work } from "../../core/util/turns.js";
import { cellsOf, type Residuals, residualsOf, sumsBy } from "./cells.js";
import { grouped } from "./evidence.js";
import type { Field } from "./floor.js";

/** In standard errors: of a hundred pairs that say nothing, one or none is above it. */
const clearScore = 4;
/** With more rows a cell, on average, a network learns a pair by itself. */
export const mostCellRows = 20;
/** Times the values of either column. With fewer cells, one column nearly decides the other, and says all that both say. */
const leastSplit = 1.25;

/** Two columns whose rows agree within their cells more than an additive model explains. */
export interface ClearPair {
  readonly columns: readonly [string, string];
  /** Standard errors above what chance gives. */
  readonly score: number;
}

/**
 * The clearest first. Rows count as independent, and main effects that the floor has shrunk count as well: it says where
 * to look, and is no verdict.
 * @param codes the columns to pair @param logits of the floor of all columns, as `fitFloor` returns them
 */
export function* clearPairs(
  codes: readonly Field[],
  logits: Float64Array,
  labels: Float32Array,
): Work<readonly ClearPair[]> {
  const rows = residualsOf(logits, labels);
  const values = codes.map((field) => new Set(field.codes).size);
  const clear: ClearPair[] = [];
  for (const [at, first] of codes.entries()) {
    for (let other = at + 1; other < codes.length; other++) {
      yield;
      const second = codes[other]!;
      const cells = pairField(first, second);
      if (!isSplit(cells, Math.max(values[at]!, values[other]!))) continue;
      const score = pairScore(cells, rows);
      if (score >= clearScore) clear.push({ columns: [first.name, second.name], score });
    }
  }
  return clear.sort((a, b) => b.score - a.score);
}

/** Two columns as one, with a level for each pair of values that rows have. */
export function pairField(first: Field, second: Field): Field {
  const [few, many] = first.levels < second.levels ? [first, second] : [second, first];
  const { of, few: cells } = cellsOf(few, grouped(many));
  return { name: `${first.name} × ${second.name}`, codes: of, levels: cells.length };
}

/** Whether the cells of a pair are small, and more than either column's values. @param values of the column with more */
function isSplit({ codes, levels }: Field, values: number): boolean {
  return codes.length <= mostCellRows * levels && levels >= leastSplit * values;
}

/** Σ over pairs of rows in one cell of the product of their residuals, in its standard errors. */
function pairScore({ codes, levels }: Field, { residuals, weights }: Residuals): number {
  const inCells = (values: Float64Array): number => {
    const sums = sumsBy(codes, values, levels);
    return dot(sums, sums) - dot(values, values);
  };
  const variance = 2 * inCells(weights);
  return variance > 0 ? inCells(residuals) / Math.sqrt(variance) : 0;
}
