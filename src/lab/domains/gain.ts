/** How much a pair of columns gains on other rows: cross-fitted several times, with the rows' influence averaged over folds. */
import { aucInfluence, combined, difference, type Influenced } from "../../core/metrics/influence.js";
import { dot, everyRow } from "../../core/util/numbers.js";
import { random } from "../../core/util/random.js";
import type { Work } from "../../core/util/turns.js";
import { cellsOf, residualsOf, sumsBy, withoutMainEffects } from "./cells.js";
import type { GroupedField } from "./evidence.js";
import { type Field, fitFloor } from "./floor.js";
import { basisProduct, basisSums, matrixVector, type SlopeBasis, slopeInverse } from "./slopes.js";

const folds = 4;
const foldings = 5;
/** Nats that a sweep must gain: coarser than for the tests, since there are many fits. */
const leastGain = 5;
/** A smaller variance of the cells' effects counts as 0. */
const leastVariance = 1e-4;
/** p (1 − p) of a row, for code that must not read the labels. */
export const usualWeight = 0.2;

interface CrossFit {
  /** The fold of each row. */
  readonly folds: Uint8Array;
  /** Without the row's own fold. */
  readonly logits: Float64Array;
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
  readonly area: Influenced;
}

/** The effect of a pair on each row's logit, estimated on the other folds; only rows of `fold` are read. */
type Effect = (fit: CrossFit, fold: number) => (row: number) => number;

export class Gains {
  readonly #fits = new Map<string, CrossFit>();

  constructor(
    private readonly fields: readonly Field[],
    private readonly labels: Float32Array,
    private readonly seed: number,
  ) {}

  /** @param units rows of one unit are in one fold */
  *of(effect: Effect, units: Field): Work<Influenced> {
    const parts: Influenced[] = [];
    for (let folding = 0; folding < foldings; folding++) {
      const fit = yield* this.#fit(units, folding);
      const logits = fit.logits.slice();
      for (let fold = 0; fold < folds; fold++) {
        const of = effect(fit, fold);
        for (let row = 0; row < logits.length; row++) if (fit.folds[row] === fold) logits[row]! += of(row);
        yield;
      }
      parts.push(difference(this.#area(logits), fit.area)!);
    }
    return combined(parts.map((part) => [1 / foldings, part]));
  }

  #area(logits: Float64Array): Influenced {
    return aucInfluence(Float32Array.from(logits), this.labels, everyRow(logits.length))!;
  }

  *#fit(units: Field, folding: number): Work<CrossFit> {
    const key = `${units.name} ${units.levels} ${folding}`;
    const before = this.#fits.get(key);
    if (before !== undefined) return before;
    const source = random(this.seed).fork(`folds ${key}`);
    const ofUnit = Uint8Array.from({ length: units.levels }, () => source.integer(folds));
    const foldOf = Uint8Array.from(units.codes, (unit) => ofUnit[unit]!);
    const logits = new Float64Array(foldOf.length);
    const rows = everyRow(foldOf.length);
    for (let fold = 0; fold < folds; fold++) {
      const outside = rows.filter((row) => foldOf[row] !== fold);
      const all = yield* fitFloor(this.fields, this.labels, { rows: outside, leastGain });
      for (const row of rows) if (foldOf[row] === fold) logits[row] = all[row]!;
    }
    const fit = { folds: foldOf, logits, area: this.#area(logits), ...residualsOf(logits, this.labels) };
    this.#fits.set(key, fit);
    return fit;
  }
}

/** A number for each pair of values, shrunk by the variance of the pairs' effects. */
export function tableEffect(few: Field, many: GroupedField): Effect {
  const cells = cellsOf(few, many);
  const size = cells.few.length;
  return ({ folds: foldOf, residuals, weights }, fold) => {
    const outside = (values: Float64Array): Float64Array =>
      sumsBy(
        cells.of,
        values.map((value, row) => (foldOf[row] === fold ? 0 : value)),
        size,
      );
    const weight = outside(weights);
    const sums = withoutMainEffects(outside(residuals), weight, cells);
    let [total, squares, excess] = [0, 0, 0];
    for (let cell = 0; cell < size; cell++) {
      total += weight[cell]!;
      squares += weight[cell]! ** 2;
      excess += sums[cell]! ** 2;
    }
    // By moments: the cells' mean square less what chance brings.
    excess -= total * (1 - 1 / few.levels) * (1 - 1 / many.levels);
    const variance = Math.max(0, excess) / Math.max(squares, 1e-9);
    if (variance <= leastVariance) return () => 0;
    return (row) => sums[cells.of[row]!]! / (weight[cells.of[row]!]! + 1 / variance);
  };
}

/** A slope for each value, shrunk by how far their score exceeds chance. */
export function slopeEffect(basis: SlopeBasis): Effect {
  const { width } = basis;
  return ({ folds: foldOf, residuals, weights }, fold) => {
    const outside = (values: Float64Array): Float64Array =>
      values.map((value, row) => (foldOf[row] === fold ? 0 : value));
    const sums = basisSums(basis, outside(residuals));
    const effect = matrixVector(slopeInverse(basis, outside(weights)), sums);
    const score = dot(sums, effect);
    const share = Math.max(0, 1 - (width - 1) / Math.max(score, 1e-9));
    return (row) => share * basisProduct(basis, effect, row);
  };
}
