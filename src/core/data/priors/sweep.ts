/** Counts of earlier rows along the rows of a key in time order: what was known before each. */
import { grown } from "../../util/growing.js";
import type { PriorsPlan } from "./plan.js";

/** The two bits of a label in a row's integer: its class, or that it has no value. */
export const missingCode = 2;
/** Neither 0 nor 1. */
export const invalidCode = 3;

export function labelCode(codes: number, label: number): number {
  return (codes >>> (2 * label)) & 3;
}

/** The counts of a label at one moment. */
export interface LabelCounts {
  /** Rows with a label, and those of them that are positive. */
  rows: number;
  positives: number;
  /** The time of the last of them, in microseconds; NaN: none. */
  last: number;
  /** The same within each window. */
  readonly windowRows: Int32Array;
  readonly windowPositives: Int32Array;
}

/** Adds rows of one key after the other, each key's by time, and knows the counts before the latest time. */
export class KeySweep {
  readonly counts: readonly LabelCounts[];
  #times = new Float64Array(1024);
  #codes = new Int32Array(1024);
  #length = 0;
  /** By label: rows before this one are known. */
  readonly #ends: Int32Array;
  /** The first row within each window, by label and window. */
  readonly #starts: Int32Array;

  constructor(private readonly plan: Pick<PriorsPlan, "labels" | "windows">) {
    const { labels, windows } = plan;
    this.counts = labels.map(() => ({
      rows: 0,
      positives: 0,
      last: Number.NaN,
      windowRows: new Int32Array(windows.length),
      windowPositives: new Int32Array(windows.length),
    }));
    this.#ends = new Int32Array(labels.length);
    this.#starts = new Int32Array(labels.length * windows.length);
  }

  /** Begins the next key. */
  clear(): void {
    this.#length = 0;
    this.#ends.fill(0);
    this.#starts.fill(0);
    for (const counts of this.counts) {
      counts.rows = 0;
      counts.positives = 0;
      counts.last = Number.NaN;
      counts.windowRows.fill(0);
      counts.windowPositives.fill(0);
    }
  }

  /** Makes `counts` those of a row at this time: of rows strictly before it minus the delay. */
  advance(time: number): void {
    const { labels, windows } = this.plan;
    const [times, codes] = [this.#times, this.#codes];
    for (let label = 0; label < labels.length; label++) {
      const counts = this.counts[label]!;
      const limit = time - labels[label]!.delay;
      let end = this.#ends[label]!;
      for (; end < this.#length && times[end]! < limit; end++) {
        const code = labelCode(codes[end]!, label);
        if (code >= missingCode) continue;
        counts.rows++;
        counts.positives += code;
        counts.last = times[end]!;
        for (let window = 0; window < windows.length; window++) {
          counts.windowRows[window]!++;
          counts.windowPositives[window]! += code;
        }
      }
      this.#ends[label] = end;
      for (let window = 0; window < windows.length; window++) {
        const from = limit - windows[window]!.micros;
        const place = label * windows.length + window;
        let start = this.#starts[place]!;
        for (; start < end && times[start]! < from; start++) {
          const code = labelCode(codes[start]!, label);
          if (code >= missingCode) continue;
          counts.windowRows[window]!--;
          counts.windowPositives[window]! -= code;
        }
        this.#starts[place] = start;
      }
    }
  }

  /** Adds a row to the history of later rows. */
  add(time: number, codes: number): void {
    if (this.#length === this.#times.length) this.#makeRoom();
    this.#times[this.#length] = time;
    this.#codes[this.#length++] = codes;
  }

  /** Times from `time` on after which counts change as rows become known and leave windows: ascending, distinct. */
  changesFrom(time: number): Float64Array {
    const { labels, windows } = this.plan;
    let changes = new Float64Array(64);
    let length = 0;
    for (const [label, { delay }] of labels.entries()) {
      const first = Math.min(this.#ends[label]!, ...windows.map((_, at) => this.#starts[label * windows.length + at]!));
      for (let row = first; row < this.#length; row++) {
        if (labelCode(this.#codes[row]!, label) >= missingCode) continue;
        for (let window = -1; window < windows.length; window++) {
          const change = this.#times[row]! + delay + (windows[window]?.micros ?? 0);
          if (change < time) continue;
          changes = grown(changes, length + 1);
          changes[length++] = change;
        }
      }
    }
    return changes
      .subarray(0, length)
      .sort()
      .filter((change, at, all) => at === 0 || change !== all[at - 1]);
  }

  /** Forgets rows that no window needs, or grows. */
  #makeRoom(): void {
    const pointers = [this.#ends, this.#starts];
    const first = Math.min(...pointers.flatMap((pointer) => [...pointer]));
    if (first > this.#length / 2) {
      this.#times.copyWithin(0, first, this.#length);
      this.#codes.copyWithin(0, first, this.#length);
      this.#length -= first;
      for (const pointer of pointers) for (let at = 0; at < pointer.length; at++) pointer[at]! -= first;
      return;
    }
    this.#times = grown(this.#times, this.#length + 1);
    this.#codes = grown(this.#codes, this.#length + 1);
  }
}
