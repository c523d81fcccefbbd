/** The columns of an index of runs: every parameter and key number of any run, in order of appearance. */
import type { SweepRun } from "./sweep-run.js";

export function parameterColumns(runs: readonly SweepRun[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))];
}

export function numberColumns(runs: readonly SweepRun[]): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run.numbers)))];
}
