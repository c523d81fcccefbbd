/** Histograms of scores by class, in log-odds. */
import { scoreOfKey } from "../auc/ranks.js";
import type { ScoreBin } from "./curve-types.js";

const FEWEST = 10;
const MOST = 40;
/** The bins span the scores between these shares of each class; the first and the last hold the rest. */
const TAIL = 0.002;
/** Width in log-odds if all scores are nearly equal. */
const LEAST_WIDTH = 0.02;

/**
 * Bins of equal width in log-odds, about 2 ∛n of them for the n rows of the smaller class (Rice's rule).
 * @param positives rank keys, ascending
 * @param negatives rank keys, ascending
 */
export function scoreBins(positives: Uint32Array, negatives: Uint32Array): readonly ScoreBin[] {
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
  const place = (keys: Uint32Array, share: number): number =>
    logOdds(scoreOfKey(keys[Math.round(share * (keys.length - 1))]!));
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

/** Finite for 0 and 1 too, which are beyond every other float32 probability. */
function logOdds(probability: number): number {
  const inside = Math.min(1 - 2 ** -25, Math.max(2 ** -150, probability));
  return Math.log(inside / (1 - inside));
}
