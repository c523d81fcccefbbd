/** The columns that an index of runs has: every parameter and every key number that any run has, in order of coming. */
import type { SweepRun } from "./sweep-run.js";

export function parameterColumns(runs: readonly SweepRun[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))];
}

export function numberColumns(runs: readonly SweepRun[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.numbers)))];
}
