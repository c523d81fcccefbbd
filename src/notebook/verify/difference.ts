/** Differences between a saved output and the output of a new run. */

/** One difference. */
export interface Difference {
  /** Number of the output in the cell, from 1; missing for a whole stream. */
  readonly output?: number;
  /** A MIME type, `stdout`, `stderr` or `error`. */
  readonly form: string;
  /** Position in the output: `line 5`, `data[3].y[17]`. */
  readonly where?: string;
  readonly kind: "number" | "text" | "picture" | "missing" | "unexpected";
  /** The saved value, shortened; missing if there is none. */
  readonly recorded?: string;
  /** The new run's value, shortened. */
  readonly now?: string;
  /** For numbers: the largest relative difference, and how many of how many differ. */
  readonly relative?: number;
  readonly differing?: number;
  readonly of?: number;
}

/** Options for comparing outputs. */
export interface Comparison {
  /** Largest accepted difference of numbers, relative to the larger. */
  readonly tolerance: number;
  /** Called for each ignored time, duration or rate. */
  readonly onIgnored: () => void;
}

/** The default tolerance: repeated runs on one machine pass, a changed last digit does not. */
export const defaultTolerance = 1e-6;

/** The difference of two numbers relative to the larger (or to `scale`); 0 for equal ones, NaN equals NaN. */
export function relativeDifference(a: number, b: number, scale = 0): number {
  if (Object.is(a, b) || a === b) return 0;
  const size = Math.max(Math.abs(a), Math.abs(b), scale);
  return Number.isFinite(size) ? Math.abs(a - b) / size : Number.POSITIVE_INFINITY;
}

/** Shortens text for a report. */
export function short(text: string, limit = 160): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
