/** What differs between an output that a notebook holds and the one of a new run. */

/** One difference. */
export interface Difference {
  /** Of the outputs of the cell, from 1, as the notebook counts them; missing where all of a stream is meant. */
  readonly output?: number;
  /** A MIME type, `stdout`, `stderr` or `error`. */
  readonly form: string;
  /** Where in it: `line 5`, `data[3].y[17]`. */
  readonly where?: string;
  readonly kind: "number" | "text" | "picture" | "missing" | "unexpected";
  /** What the notebook holds, short; missing where it holds nothing. */
  readonly recorded?: string;
  /** What the new run gave. */
  readonly now?: string;
  /** Of numbers: the largest difference relative to their size, and how many of how many differ. */
  readonly relative?: number;
  readonly differing?: number;
  readonly of?: number;
}

/** How outputs are compared. */
export interface Comparison {
  /** Numbers are the same where they differ by no more than this, relative to the larger. */
  readonly tolerance: number;
  /** Is told of each time, duration or rate that was left out. */
  readonly onIgnored: () => void;
}

/** The tolerance where none is given: what one machine gives twice passes, a changed last digit does not. */
export const defaultTolerance = 1e-6;

/** The difference of two numbers relative to the larger (or to `scale`); 0 for equal ones, NaN equals NaN. */
export function relativeDifference(a: number, b: number, scale = 0): number {
  if (Object.is(a, b) || a === b) return 0;
  const size = Math.max(Math.abs(a), Math.abs(b), scale);
  return Number.isFinite(size) ? Math.abs(a - b) / size : Number.POSITIVE_INFINITY;
}

/** A piece of text that a report can show. */
export function short(text: string, limit = 160): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
