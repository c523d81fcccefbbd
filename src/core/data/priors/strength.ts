/**
 * How strongly a rate is smoothed towards its parent's: the strength k in (s + k·m) / (n + k), by the likelihood of later rows.
 *
 * At 256, 1,024, 4,096 … rows with a label, each k from 0.5 to 16,384 is scored by the likelihood of the labels so far,
 * each predicted from what was known before its row, on at most about 8,192 of these rows. A row's k is thus of labels
 * that are known then, like all else in its priors.
 */
import { grown } from "../../util/growing.js";
import { type LabelCounts, missingCode } from "./sweep.js";

/** Before the first estimate. */
const firstStrength = 16;
/** Powers of two, so that without history the rate is the parent's to the last digit. */
const strengths: readonly number[] = Array.from({ length: 16 }, (_, power) => 2 ** (power - 1));
/** Labels at the first estimate; each later one has this number of times as many. */
const firstRows = 256;
const growth = 4;
const sampleRows = 8192;
/** The share of the log likelihood by which a strength must be better, far above the rounding of sums. */
const betterBy = 1e-9;

/** After this time (in microseconds), the strength is `k`. */
export interface StrengthStep {
  readonly after: number;
  readonly k: number;
}

export function strengthAt(steps: readonly StrengthStep[], time: number): number {
  let k = firstStrength;
  for (const step of steps) if (time > step.after) k = step.k;
  return k;
}

/** The same in SQL. @param time an expression in microseconds */
export function strengthSql(steps: readonly StrengthStep[], time: string): string {
  if (steps.length === 0) return `${firstStrength}::DOUBLE`;
  const cases = [...steps].reverse().map(({ after, k }) => `WHEN ${time} > ${after} THEN ${k}::DOUBLE`);
  return `CASE ${cases.join(" ")} ELSE ${firstStrength}::DOUBLE END`;
}

/** A pseudorandom whole number below 2^32 for each row number, different for different rows (MurmurHash3's end). */
export function mixed(row: number): number {
  let value = Math.imul(row ^ (row >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Separates samples from the random order of rows without a time. */
const sampleSeed = 0x5bd1e995;

/** A number from 0 to 1 that decides whether a row is in a sample: it depends only on the row number, so longer logs keep the same samples. */
function chance(row: number): number {
  return mixed((row ^ sampleSeed) >>> 0) / 2 ** 32;
}

/** The times at which a label's strengths are estimated, and which rows these estimates look at. */
export class Checkpoints {
  /** The time of the last row of each estimate; rows of the same time are in it. */
  readonly times: number[] = [];
  #rows = 0;

  /** Counts a row with a label; rows come in the order of time. */
  count(time: number): void {
    this.#rows++;
    if (this.#rows === rowsAt(this.times.length)) this.times.push(time);
  }

  /** Whether an estimate looks at a row, of the estimates that have been reached when the row is counted. */
  looksAt(row: number, time: number): boolean {
    return chance(row) < shareAt(this.#firstOf(time));
  }

  /** The number of the first estimate with rows of a time. */
  #firstOf(time: number): number {
    let first = 0;
    while (first < this.times.length && this.times[first]! < time) first++;
    return first;
  }
}

function rowsAt(checkpoint: number): number {
  return firstRows * growth ** checkpoint;
}

/** The share of rows that an estimate looks at. */
function shareAt(checkpoint: number): number {
  return Math.min(1, sampleRows / rowsAt(checkpoint));
}

/** What was known before the sampled rows of a label, at one level and in one window. */
export class HistorySample {
  #rows = new Int32Array(256);
  /** Rows and positives, two numbers a row. */
  #counts = new Int32Array(512);
  #length = 0;

  add(row: number, rows: number, positives: number): void {
    this.#rows = grown(this.#rows, this.#length + 1);
    this.#counts = grown(this.#counts, 2 * (this.#length + 1));
    this.#rows[this.#length] = row;
    this.#counts[2 * this.#length] = rows;
    this.#counts[2 * this.#length++ + 1] = positives;
  }

  /** Rows and positives in the order of row numbers. */
  sorted(): { readonly row: Int32Array; readonly n: Int32Array; readonly s: Int32Array } {
    const order = Int32Array.from({ length: this.#length }, (_, at) => at).sort(
      (a, b) => this.#rows[a]! - this.#rows[b]!,
    );
    return {
      row: order.map((at) => this.#rows[at]!),
      n: order.map((at) => this.#counts[2 * at]!),
      s: order.map((at) => this.#counts[2 * at + 1]!),
    };
  }
}

/** The sampled rows of a label, in the order of row numbers. */
export interface SampledRows {
  readonly row: Int32Array;
  readonly time: Float64Array;
  readonly label: Uint8Array;
}

/** The rate of all rows so far, which starts from one half for one row (Krichevsky and Trofimov, 1981). */
export function firstRate(n: number, s: number): number {
  return (s + 0.5) / (n + 1);
}

export function shrunkRate(n: number, s: number, k: number, parent: number): number {
  return (s + k * parent) / (n + k);
}

/** The strengths over time. @param parent the parent's rate at each sampled row */
export function estimateStrengths(
  { row, time, label }: SampledRows,
  history: Pick<ReturnType<HistorySample["sorted"]>, "n" | "s">,
  parent: Float64Array,
  { times }: Checkpoints,
  delay: number,
): StrengthStep[] {
  return times.map((last, checkpoint) => {
    const share = shareAt(checkpoint);
    const rows: number[] = [];
    for (let at = 0; at < row.length; at++) {
      // Without history, each strength gives the parent's rate.
      if (history.n[at]! > 0 && time[at]! <= last && chance(row[at]!) < share) rows.push(at);
    }
    const likelihood = (k: number): number => {
      let sum = 0;
      for (const at of rows) {
        const rate = shrunkRate(history.n[at]!, history.s[at]!, k, parent[at]!);
        sum += Math.log(label[at] === 1 ? rate : 1 - rate);
      }
      return sum;
    };
    let [best, k] = [likelihood(firstStrength), firstStrength];
    for (const strength of strengths) {
      const sum = likelihood(strength);
      if (sum > best + betterBy * Math.abs(best)) [best, k] = [sum, strength];
    }
    return { after: last + delay, k };
  });
}

/** Collects the samples of a level while its rows pass. */
export class LevelSamples {
  /** By label: all history, then each window. */
  readonly histories: readonly (readonly HistorySample[])[];

  constructor(
    private readonly checkpoints: readonly Checkpoints[],
    windows: number,
  ) {
    this.histories = checkpoints.map(() => Array.from({ length: windows + 1 }, () => new HistorySample()));
  }

  /** @param code of the label, see `labelCode` @returns whether the row is sampled */
  add(row: number, time: number, label: number, code: number, counts: LabelCounts | null): boolean {
    if (code >= missingCode || Number.isNaN(time) || !this.checkpoints[label]!.looksAt(row, time)) return false;
    const [all, ...windows] = this.histories[label]!;
    all!.add(row, counts?.rows ?? 0, counts?.positives ?? 0);
    for (const [window, history] of windows.entries()) {
      history.add(row, counts?.windowRows[window] ?? 0, counts?.windowPositives[window] ?? 0);
    }
    return true;
  }
}
