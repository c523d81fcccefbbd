/**
 * Reports the progress of training at a limited rate.
 */
import type { Progress } from "./history.js";
import type { Recorder } from "./recorder.js";

const progressMillis = 250;

/** Reports the state after `epoch` epochs; `now` ignores the rate limit. */
export type TellProgress = (epoch: number, bestStep: number | null, done: boolean, now: boolean) => void;

/** Creates a reporter for a run of `totalSteps` steps. */
export function progressTeller(
  record: Recorder,
  totalSteps: number,
  tell: ((progress: Progress) => void) | undefined,
): TellProgress {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (epoch: number, bestStep: number | null, done: boolean, now: boolean): void => {
    if (!tell || (!now && performance.now() - toldAt < progressMillis)) return;
    toldAt = performance.now();
    const history = record.history(bestStep);
    const rowsPerStep = record.rows / Math.max(1, record.steps);
    const secondsLeft = done ? 0 : ((totalSteps - record.steps) * rowsPerStep) / Math.max(1, record.rowsPerSecond);
    tell({ step: record.steps, totalSteps, epoch, rowsPerSecond: record.rowsPerSecond, secondsLeft, history, done });
  };
}
