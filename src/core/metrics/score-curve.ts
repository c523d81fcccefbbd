/** Score curves: ROC, precision and recall, and the distribution of scores by class. */

import { logOdds, sigmoid } from "../util/numbers.js";
import { scoreOfKey, sortedClasses } from "./auc.js";
import type { CurvePoint, ScoreBin, ScoreCurve } from "./curve-types.js";
import { criticalZ, type Estimate, wilson } from "./intervals/normal.js";

const FEWEST = 10;
const MOST = 40;
/** The bins span the scores between these shares of each class; the first and the last hold the rest. */
const TAIL = 0.002;
/** Width in log-odds if all scores are nearly equal. */
const LEAST_WIDTH = 0.02;

/** About 2 ∛n bins of equal width in log-odds, n rows of the smaller class (Rice's rule). Takes ascending rank keys. */
function scoreBins(positives: Uint32Array, negatives: Uint32Array): readonly ScoreBin[] {
  const classes = [positives, negatives].filter(({ length }) => length > 0);
  if (classes.length === 0) return [];
  const total = Math.min(MOST, Math.max(FEWEST, Math.round(2 * Math.cbrt(Math.min(...classes.map((c) => c.length))))));
  const [low, high] = span(classes);
  const width = (high - low) / total;
  const counts = [positives, negatives].map((keys) => binCounts(keys, low, width, total));
  return Array.from({ length: total }, (_, bin) => ({
    from: low + bin * width,
    to: low + (bin + 1) * width,
    positives: counts[0]![bin]!,
    negatives: counts[1]![bin]!,
  }));
}

function span(classes: readonly Uint32Array[]): [number, number] {
  const place = (keys: Uint32Array, share: number) => logOdds(scoreOfKey(keys[Math.round(share * (keys.length - 1))]!));
  const low = Math.min(...classes.map((keys) => place(keys, TAIL)));
  const high = Math.max(...classes.map((keys) => place(keys, 1 - TAIL)));
  const wider = Math.max(0, FEWEST * LEAST_WIDTH - (high - low)) / 2;
  return [low - wider, high + wider];
}

function binCounts(keys: Uint32Array, low: number, width: number, total: number): Float64Array {
  const counts = new Float64Array(total);
  for (const key of keys) {
    const bin = Math.min(total - 1, Math.max(0, Math.floor((logOdds(scoreOfKey(key)) - low) / width)));
    counts[bin] = counts[bin]! + 1;
  }
  return counts;
}

/** Options of {@link scoreCurve}. */
export interface ScoreCurveOptions {
  /** About this many points, and never more than twice as many. Default: 80. */
  readonly points?: number;
  /** Also a histogram by class. Default: false. */
  readonly bins?: boolean;
}

/** Standard errors of a 95% interval. */
const Z = criticalZ(0.95);

/**
 * ROC, precision and recall, and the distribution of scores by class, at the cost of one native sort.
 * @param scores [rows], probabilities of the positive class
 * @param labels [rows]; positive where > 0
 * @example
 * const { points, positives, rows } = scoreCurve(scores, labels);
 * points.map((point) => point.positives / positives); // recall at each threshold
 */
export function scoreCurve(
  scores: Float32Array,
  labels: Float32Array,
  { points = 80, bins = false }: ScoreCurveOptions = {},
): ScoreCurve {
  const classes = sortedClasses(scores, labels);
  const rows = labels.length;
  const none = { rows, points: [], averagePrecision: null };
  if (classes === null) {
    const positives = labels.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0);
    return { ...none, positives, positiveMedian: null, negativeMedian: null, gap: "a prediction is NaN" };
  }
  const { positives, negatives } = classes;
  const distribution = {
    positives: positives.length,
    positiveMedian: median(positives),
    negativeMedian: median(negatives),
    ...(bins ? { bins: scoreBins(positives, negatives) } : null),
  };
  const gap = missingClass(positives.length, rows);
  if (gap !== null) return { ...none, ...distribution, gap };
  return { rows, ...distribution, ...walk(positives, negatives, points), gap: null };
}

function missingClass(positives: number, rows: number): string | null {
  if (rows === 0) return "no rows";
  if (positives === 0) return "no positive rows";
  return positives === rows ? "only positive rows" : null;
}

function median(sorted: Uint32Array): number | null {
  return sorted.length === 0 ? null : scoreOfKey(sorted[Math.ceil(sorted.length / 2) - 1]!);
}

type Run = CurvePoint & { readonly above: Pick<CurvePoint, "rows" | "positives"> };

/** The runs of equal scores, descending. `rows` and `positives` include those above. */
function* runs(positives: Uint32Array, negatives: Uint32Array): Generator<Run> {
  let [p, n] = [positives.length, negatives.length];
  while (p > 0 || n > 0) {
    const key = Math.max(p > 0 ? positives[p - 1]! : 0, n > 0 ? negatives[n - 1]! : 0);
    const above = { rows: positives.length - p + negatives.length - n, positives: positives.length - p };
    while (p > 0 && positives[p - 1] === key) p--;
    while (n > 0 && negatives[n - 1] === key) n--;
    const passed = { rows: positives.length - p + negatives.length - n, positives: positives.length - p };
    yield { threshold: scoreOfKey(key), above, ...passed };
  }
}

type Walked = Pick<ScoreCurve, "points" | "averagePrecision">;

/** One pass from the highest score to the lowest. */
function walk(positives: Uint32Array, negatives: Uint32Array, count: number): Walked {
  const selection = new PointSelection(positives.length, negatives.length, count);
  let area = 0;
  for (const run of runs(positives, negatives)) {
    area += (run.positives - run.above.positives) * (run.positives / run.rows);
    selection.add(run);
  }
  return {
    points: selection.points(),
    averagePrecision: averagePrecision(area / positives.length, positives.length),
  };
}

/** The logit interval of an average precision (Boyd, Eng & Page 2013); the sample size is that of positives. */
function averagePrecision(value: number, positives: number): Estimate {
  if (value >= 1) return { value: 1, low: wilson(positives, positives, Z).low, high: 1 };
  const center = Math.log(value / (1 - value));
  const reach = Z / Math.sqrt(positives * value * (1 - value));
  return { value, low: sigmoid(center - reach), high: sigmoid(center + reach) };
}

/**
 * Selects points at equal steps of √recall + false positive rate: dense where precision changes, and close enough
 * everywhere for straight lines. A run that is longer than a step has both of its ends, so its line is exact. Few
 * points are all selected.
 */
class PointSelection {
  readonly #selected: Run[] = [];
  /** Every run; `null`: there are too many. */
  #all: Run[] | null = [];
  #step = -1;
  #previous: Run | null = null;

  constructor(
    private readonly positives: number,
    private readonly negatives: number,
    private readonly count: number,
  ) {}

  add(run: Run): void {
    this.#all = this.#all !== null && this.#all.length < this.count ? [...this.#all, run] : null;
    const { rows, positives } = run;
    const recall = Math.sqrt(positives / this.positives);
    const falsePositives = (rows - positives) / this.negatives;
    const step = Math.floor((this.count * (recall + falsePositives)) / 2);
    if (step !== this.#step) {
      if (step - this.#step > 1) this.#select(this.#previous);
      this.#select(run);
    }
    this.#step = step;
    this.#previous = run;
  }

  points(): readonly CurvePoint[] {
    this.#select(this.#previous);
    return (this.#all ?? this.#selected).map(({ threshold, rows, positives }) => ({ threshold, rows, positives }));
  }

  #select(run: Run | null): void {
    if (run !== null && this.#selected.at(-1) !== run) this.#selected.push(run);
  }
}
