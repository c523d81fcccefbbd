/** One run of a sweep. */
import type { Parameters } from "../parameters/inject.js";
import type { KeyNumbers } from "./key-numbers.js";

/** One run of a sweep. */
export interface SweepRun {
  /** Name of its files, without extension. */
  readonly name: string;
  readonly parameters: Parameters;
  readonly outcome: "waiting" | "ok" | "failed" | "interrupted";
  readonly seconds: number;
  /** Why it failed: the cell, counted from 1, and its error. */
  readonly failedCell?: number;
  readonly error?: string;
  readonly numbers: KeyNumbers;
  /** Pictures of its charts, relative to the folder. */
  readonly pictures: readonly string[];
}
