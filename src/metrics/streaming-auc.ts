/**
 * AUC of a stream in bounded memory, with an error bound that holds for any scores: unlike bins, which all rows may
 * fall into. Each class has a quantile sketch of rank keys in levels (Munro & Paterson 1980; Manku, Rajagopalan &
 * Lindsay 1998): a full level is sorted, and every other key moves up with twice the weight. That moves a rank by at
 * most the weight of a key. The even and odd places are kept in turn, so two such moves at a level have opposite
 * signs, and m of them add up to at most ⌈m / 2⌉. With F and G the shares of positive and negative rows up to a
 * score, AUC = ∫ G dF. If estimates differ from F by at most a and from G by at most b everywhere, AUC differs by at
 * most a + b (integrate by parts).
 */
import { SpecError } from "../errors/index.js";
import { isNaNBits, orderedPairs, rankKey, scoreBits } from "./auc.js";

/** Options of {@link streamingAuc}. */
export interface StreamingAucOptions {
  /** Keys per level, 4 bytes each; even. Default: 65,536, which takes 6 MB for both classes at 10⁸ rows each. */
  readonly capacity?: number;
}

/** An AUC of a stream of rows. */
export interface StreamingAuc {
  /** Adds rows: scores [rows], labels [rows], positive where > 0. */
  add(scores: Float32Array, labels: Float32Array): void;
  /** Number of rows so far. */
  readonly rows: number;
  /** `null` if a class has no rows; NaN if a score was NaN. */
  value(): number | null;
  /**
   * The maximum difference of `value()` from the exact AUC of the same rows. A class of n rows contributes at most
   * (⌈log₂(n / capacity)⌉ + 2) / (2 · capacity), and nothing while n ≤ capacity; the total is 0.0002 at the default
   * capacity and 10⁸ rows of each class.
   */
  errorBound(): number;
}

/**
 * Creates an AUC in bounded memory.
 * @example
 * const auc = streamingAuc();
 * for (const { scores, labels } of parts) auc.add(scores, labels);
 * console.log(auc.value(), "±", auc.errorBound());
 */
export function streamingAuc({ capacity = 65_536 }: StreamingAucOptions = {}): StreamingAuc {
  if (!Number.isInteger(capacity) || capacity < 2 || capacity % 2 !== 0) {
    throw new SpecError({
      path: "streamingAuc.capacity",
      message: "the capacity must be even, because a full level is halved",
      received: String(capacity),
      expected: "an even integer ≥ 2",
    });
  }
  const positives = new RankSketch(capacity);
  const negatives = new RankSketch(capacity);
  let sawNaN = false;
  return {
    add(scores, labels) {
      const bits = scoreBits(scores);
      for (let row = 0; row < bits.length; row++) {
        sawNaN ||= isNaNBits(bits[row]!);
        (labels[row]! > 0 ? positives : negatives).add(rankKey(bits[row]!));
      }
    },
    get rows() {
      return positives.rows + negatives.rows;
    },
    value() {
      if (sawNaN) return Number.NaN;
      if (positives.rows === 0 || negatives.rows === 0) return null;
      const lowerLevels = negatives.sortedLevels();
      let pairs = 0;
      for (const upper of positives.sortedLevels()) {
        for (const lower of lowerLevels) {
          pairs += upper.weight * lower.weight * orderedPairs(upper.keys, lower.keys);
        }
      }
      return pairs / (positives.rows * negatives.rows);
    },
    errorBound: () => Math.min(1, positives.rankError() + negatives.rankError()),
  };
}

type Level = { readonly keys: Uint32Array; filled: number; compactions: number };

/** The keys of one class: a key of level h represents 2^h rows. */
class RankSketch {
  rows = 0;
  readonly #levels: Level[];

  constructor(private readonly capacity: number) {
    this.#levels = [this.#emptyLevel()];
  }

  add(key: number): void {
    const level = this.#levels[0]!;
    if (level.filled === this.capacity) this.#compact(0);
    level.keys[level.filled++] = key;
    this.rows++;
  }

  sortedLevels(): { keys: Uint32Array; weight: number }[] {
    return this.#levels.map(({ keys, filled }, height) => ({
      keys: keys.subarray(0, filled).sort(),
      weight: 2 ** height,
    }));
  }

  /** The maximum error of the share of rows up to any score. */
  rankError(): number {
    const rows = this.#levels.reduce(
      (sum, { compactions }, height) => sum + 2 ** height * Math.ceil(compactions / 2),
      0,
    );
    return this.rows === 0 ? 0 : rows / this.rows;
  }

  #compact(height: number): void {
    const level = this.#levels[height]!;
    if (this.#levels.length === height + 1) this.#levels.push(this.#emptyLevel());
    const above = this.#levels[height + 1]!;
    if (above.filled === this.capacity) this.#compact(height + 1);
    level.keys.sort();
    for (let place = level.compactions % 2; place < this.capacity; place += 2) {
      above.keys[above.filled++] = level.keys[place]!;
    }
    level.filled = 0;
    level.compactions++;
  }

  #emptyLevel(): Level {
    return { keys: new Uint32Array(this.capacity), filled: 0, compactions: 0 };
  }
}
