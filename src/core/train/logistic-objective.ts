/**
 * Minimises the penalised log loss of a logistic regression: by ascent of its dual, then by L-BFGS until it has converged,
 * unless there are more weights than rows and ascent was enough.
 */
import { countPositives, dot, logitLoss, logOdds, sigmoid } from "../util/numbers.js";
import { permutation, random } from "../util/random.js";
import type { Work } from "../util/turns.js";

/** Rows as sparse vectors: row r has the entries `starts[r] … starts[r + 1] − 1`. */
export interface SparseRows {
  readonly starts: Int32Array;
  readonly positions: Int32Array;
  readonly values: Float32Array;
}

/** Rows weight by weight: weight w has the entries `starts[w] … starts[w + 1] − 1`, with places among the rows. */
interface WeightEntries {
  readonly starts: Int32Array;
  readonly places: Int32Array;
  readonly values: Float32Array;
}

function byWeight({ starts: from, positions, values }: SparseRows, rows: Int32Array, size: number): WeightEntries {
  const starts = new Int32Array(size);
  for (const row of rows)
    for (let entry = from[row]!; entry < from[row + 1]!; entry++) starts[positions[entry]! + 1]!++;
  for (let at = 1; at < size; at++) starts[at]! += starts[at - 1]!;
  const next = starts.slice();
  const [places, sorted] = [new Int32Array(starts[size - 1]!), new Float32Array(starts[size - 1]!)];
  for (const [place, row] of rows.entries()) {
    for (let entry = from[row]!; entry < from[row + 1]!; entry++) {
      const at = next[positions[entry]!]!++;
      places[at] = place;
      sorted[at] = values[entry]!;
    }
  }
  return { starts, places, values: sorted };
}

export const rowsPerTurn = 512;
const valuesPerTurn = 1 << 16;

const memory = 10;
const mostSteps = 100;
/**
 * Stops if the next step is expected to lower the loss by less than this per row: for a final fit, and to compare
 * strengths.
 */
export const leastGain = { fitting: 2e-8, comparing: 1e-5 };
/** An expected gain below this share of the loss is rounding. */
const rounding = 1e-14;

const wideRounds = 200;
/** If there are fewer weights than rows, ascent begins, and L-BFGS, whose steps are then cheap, continues. */
const narrowRounds = 12;
const narrowGap = 1e-4;

/** The cost of a step of L-BFGS, for each value and each weight, in visits. */
const stepCosts = { value: 0.4, weight: 0.8 };
/** Shares that move less are rounding. */
const leastMove = 1e-12;
const leastCurvature = 1e-9;

/** Sums over the rows of a round of ascent. */
interface Ascent {
  gap: number;
  slope: number;
  curvature: number;
}

interface Point {
  readonly weights: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
}

export interface Minimum {
  readonly weights: Float64Array;
  readonly gap: number;
}

/** The amount of work that is allowed. A visit is a value of a row in one round of ascent, 10 to 25 ns. */
export class VisitBudget {
  constructor(
    private visits: number,
    private readonly whole: VisitBudget | null = null,
  ) {}

  /** Whether this work is allowed; if so, it is counted. */
  takes(visits: number): boolean {
    if (visits > this.visits) return false;
    this.visits -= visits;
    this.whole?.takes(visits);
    return true;
  }

  /** A part of the remaining work; the unused rest of it stays here. */
  share(part: number): VisitBudget {
    return new VisitBudget(this.visits * part, this);
  }
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly product: number;
}

/** The penalty ½‖w‖²/C and the log losses of some rows. The last weight is the intercept; positive labels are 1. */
export class Objective {
  /** The number of values of the rows. */
  readonly #values: number;
  #entries: WeightEntries | null = null;

  constructor(
    private readonly inputs: SparseRows,
    private readonly labels: Float32Array,
    private readonly rows: Int32Array,
    private readonly size: number,
    /** C. */
    private readonly strength: number,
    /** [rows of `inputs`], of C: the dual's solution for other rows or another C, from which ascent starts. It is replaced. */
    private readonly shares: Float64Array,
    private readonly budget: VisitBudget,
  ) {
    this.#values = rows.reduce((sum, row) => sum + inputs.starts[row + 1]! - inputs.starts[row]!, 0);
  }

  get #byWeight(): WeightEntries {
    this.#entries ??= byWeight(this.inputs, this.rows, this.size);
    return this.#entries;
  }

  /** `gap`: about how much lower the minimum is, per row; at most `least` unless the budget ends first. */
  *minimum(least: number): Work<Minimum> {
    const isWide = this.size > this.rows.length;
    const ascended = yield* this.#dualAscent(isWide ? least : narrowGap);
    if (isWide && ascended.gap <= least) return ascended;
    const scale = this.#curvatures();
    const pairs: Pair[] = [];
    let at = yield* this.#evaluated(ascended.weights);
    let { gap } = ascended;
    for (let step = 0; step < mostSteps && this.#mayStep(); step++) {
      const direction = descent(at.gradient, scale, pairs);
      const slope = dot(at.gradient, direction);
      gap = -slope / this.rows.length;
      if (-slope <= Math.max(least * this.rows.length, rounding * at.loss)) break;
      const next = yield* this.#alongLine(at, direction, slope);
      if (next === null) break;
      const moved = plus(next.weights, at.weights, -1);
      const change = plus(next.gradient, at.gradient, -1);
      const product = dot(moved, change);
      if (product > 0) pairs.push({ step: moved, change, product });
      if (pairs.length > memory) pairs.shift();
      at = next;
      yield;
    }
    return { weights: at.weights, gap };
  }

  #mayStep(): boolean {
    return this.budget.takes(stepCosts.value * this.#values + stepCosts.weight * this.size);
  }

  /** An upper bound of the second derivatives of the loss. */
  #curvatures(): Float64Array {
    const { starts, values } = this.#byWeight;
    const scale = new Float64Array(this.size).fill(1 / this.strength);
    scale[this.size - 1] = this.rows.length / 4;
    for (let at = 0; at < this.size - 1; at++) {
      for (let entry = starts[at]!; entry < starts[at + 1]!; entry++) scale[at]! += values[entry]! ** 2 / 4;
    }
    return scale;
  }

  /**
   * Weights near the minimum, by ascent of the dual, one row at a time (Yu, Huang and Lin, 2011): its cost is linear in
   * the values of the rows, while each step of L-BFGS goes through all weights many times. `gap` is how much lower the
   * minimum can be, per row (the duality gap).
   */
  *#dualAscent(most: number): Work<Minimum> {
    const weights = new Float64Array(this.size);
    const norms = Float64Array.from(this.rows, (row) => {
      const values = this.inputs.values.subarray(this.inputs.starts[row]!, this.inputs.starts[row + 1]!);
      return dot(values, values);
    });
    for (const row of this.rows) this.#addRow(row, this.shares[row]! * this.strength, weights);
    weights[this.size - 1] = logOdds(countPositives(this.labels, this.rows) / this.rows.length);
    let gap = Number.POSITIVE_INFINITY;
    for (
      let round = 0;
      round < (this.size > this.rows.length ? wideRounds : narrowRounds) &&
      gap > most &&
      this.budget.takes(this.#values);
      round++
    ) {
      const ascent: Ascent = { gap: 0, slope: 0, curvature: leastCurvature };
      const order = permutation(this.rows.length, random(1).fork(`round ${round}`));
      for (let from = 0; from < this.rows.length; from += rowsPerTurn) {
        yield;
        this.#ascend(order.subarray(from, from + rowsPerTurn), weights, norms, ascent);
      }
      weights[this.size - 1]! -= ascent.slope / ascent.curvature;
      gap = ascent.gap / this.rows.length;
    }
    return { weights, gap };
  }

  /** Moves the shares of some rows; adds their duality gaps before, and the intercept's slope and curvature after. */
  #ascend(turn: Int32Array, weights: Float64Array, norms: Float64Array, to: Ascent): void {
    for (const at of turn) {
      const row = this.rows[at]!;
      const sign = this.labels[row]! > 0 ? 1 : -1;
      const margin = sign * logit(this.inputs, row, weights);
      const share = this.shares[row]!;
      const slope = norms[at]! * this.strength;
      const move = bestMove(share, margin, slope);
      to.gap += share * margin + logitLoss(margin, true) - entropy(share);
      this.shares[row] = share + move;
      const chance = sigmoid(-(margin + move * slope));
      to.slope -= sign * chance;
      to.curvature += chance * (1 - chance);
      if (Math.abs(move) > leastMove) this.#addRow(row, move * this.strength, weights);
    }
  }

  #addRow(row: number, factor: number, weights: Float64Array): void {
    const { starts, positions, values } = this.inputs;
    const step = this.labels[row]! > 0 ? factor : -factor;
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++)
      weights[positions[entry]!]! += step * values[entry]!;
  }

  /** The first of the steps 1, ½, ¼ … that lowers the loss enough (Armijo's rule); `null` if none does. */
  *#alongLine({ weights, loss }: Point, direction: Float64Array, slope: number): Work<Point | null> {
    for (let length = 1; length > 1e-9; length /= 2) {
      const next = yield* this.#evaluated(plus(weights, direction, length));
      if (next.loss <= loss + 1e-4 * length * slope) return next;
    }
    return null;
  }

  *#evaluated(weights: Float64Array): Work<Point> {
    const gradient = weights.map((weight) => weight / this.strength);
    gradient[gradient.length - 1] = 0;
    const penalty = dot(weights, gradient) / 2;
    const odds = yield* this.#odds(weights);
    const loss = this.#lossAndErrors(odds);
    for (let from = 0; from < this.size - 1; from = this.#turnEnd(from)) {
      yield;
      this.#addProducts(from, this.#turnEnd(from), odds, gradient);
    }
    gradient[gradient.length - 1] = odds.reduce((sum, error) => sum + error, 0);
    return { weights, loss: penalty + loss, gradient };
  }

  /** The log odds of each row. Goes weight by weight: row by row, most weights would come from distant memory. */
  *#odds(weights: Float64Array): Work<Float64Array> {
    const odds = new Float64Array(this.rows.length).fill(weights[this.size - 1]!);
    for (let from = 0; from < this.size - 1; from = this.#turnEnd(from)) {
      yield;
      this.#addOdds(from, this.#turnEnd(from), weights, odds);
    }
    return odds;
  }

  /** The end of the weights that a turn goes through from here. */
  #turnEnd(from: number): number {
    const { starts } = this.#byWeight;
    let end = from + 1;
    while (end < this.size - 1 && starts[end]! - starts[from]! < valuesPerTurn) end++;
    return end;
  }

  #addOdds(from: number, end: number, weights: Float64Array, odds: Float64Array): void {
    const { starts, places, values } = this.#byWeight;
    for (let at = from; at < end; at++) {
      const weight = weights[at]!;
      for (let entry = starts[at]!; entry < starts[at + 1]!; entry++) odds[places[entry]!]! += weight * values[entry]!;
    }
  }

  #addProducts(from: number, end: number, errors: Float64Array, gradient: Float64Array): void {
    const { starts, places, values } = this.#byWeight;
    for (let at = from; at < end; at++) {
      let sum = 0;
      for (let entry = starts[at]!; entry < starts[at + 1]!; entry++) sum += errors[places[entry]!]! * values[entry]!;
      gradient[at]! += sum;
    }
  }

  /** Replaces log odds by their errors, and returns the sum of the losses. */
  #lossAndErrors(odds: Float64Array): number {
    let loss = 0;
    for (let at = 0; at < odds.length; at++) {
      const value = odds[at]!;
      const isPositive = this.labels[this.rows[at]!]! > 0;
      const small = Math.exp(-Math.abs(value));
      loss += Math.max(0, isPositive ? -value : value) + Math.log1p(small);
      odds[at] = (value > 0 ? 1 : small) / (1 + small) - (isPositive ? 1 : 0);
    }
    return loss;
  }
}

/** The direction −H⁻¹ · gradient, with the inverse Hessian that the last steps imply. */
function descent(gradient: Float64Array, scale: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = plus(new Float64Array(gradient.length), gradient, -1);
  const shares = new Float64Array(pairs.length);
  for (let pair = pairs.length - 1; pair >= 0; pair--) {
    const { step, change, product } = pairs[pair]!;
    shares[pair] = dot(step, direction) / product;
    addTimes(direction, change, -shares[pair]!);
  }
  for (let i = 0; i < direction.length; i++) direction[i]! /= scale[i]!;
  for (const [pair, { step, change, product }] of pairs.entries()) {
    addTimes(direction, step, shares[pair]! - dot(change, direction) / product);
  }
  return direction;
}

function plus(values: Float64Array, more: Float64Array, factor: number): Float64Array {
  const sum = values.slice();
  addTimes(sum, more, factor);
  return sum;
}

function addTimes(to: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * values[i]!;
}

/** −p · ln p − (1 − p) · ln(1 − p) */
function entropy(share: number): number {
  return share <= 0 || share >= 1 ? 0 : -share * Math.log(share) - (1 - share) * Math.log1p(-share);
}

/** The log odds of a row; the last weight is the intercept. */
export function logit(
  { starts, positions, values }: SparseRows,
  row: number,
  weights: Float32Array | Float64Array,
): number {
  let sum = weights[weights.length - 1]!;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += weights[positions[at]!]! * values[at]!;
  return sum;
}

/**
 * The move of a row's share of C that maximises the dual: share + move = σ(−(margin + move · slope)), by Newton's method
 * within the bounds that the share has. @param slope C · ‖x‖²
 */
function bestMove(share: number, margin: number, slope: number): number {
  let [low, high] = [-share, 1 - share];
  let move = Math.min(high, Math.max(low, sigmoid(-margin) - share)) / (1 + slope / 4);
  for (let step = 0; step < 20; step++) {
    const chance = sigmoid(-(margin + move * slope));
    const excess = share + move - chance;
    if (Math.abs(excess) < 1e-9) break;
    if (excess > 0) high = move;
    else low = move;
    const next = move - excess / (1 + slope * chance * (1 - chance));
    move = next > low && next < high ? next : (low + high) / 2;
  }
  return move;
}
