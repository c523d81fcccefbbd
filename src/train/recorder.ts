/** Collects a run's losses and evaluations into its history while it trains. */
import type { StepResult } from "../engine/engine.js";
import type { Evaluation } from "../metrics/types.js";
import type { EvaluationPoint, History, HistoryPoint } from "./history.js";

/** Points a history aims at: enough for a curve, few enough for a notebook. */
const targetPoints = 200;

/** A growing history. */
export interface Recorder {
  /** Takes the losses of a step; closes a point where one is due, or `last` is true. */
  step(result: StepResult, rows: number, epoch: number, last: boolean): void;
  evaluation(evaluation: Evaluation, epoch: number): void;
  /** The history so far: a value that later steps do not change. */
  history(bestStep: number | null): History;
  readonly steps: number;
  readonly rowsPerSecond: number;
}

/** A recorder for a run of `totalSteps` steps; `now` gives seconds. */
export function recorder(totalSteps: number, now: () => number): Recorder {
  const every = Math.max(1, Math.floor(totalSteps / targetPoints));
  const points: HistoryPoint[] = [];
  const evaluations: EvaluationPoint[] = [];
  const start = now();
  let pending: StepResult[] = [];
  let steps = 0;
  let rowsSeen = 0;
  let idleSeconds = 0;
  let evaluationStart = 0;
  const trainingSeconds = (): number => Math.max(1e-9, now() - start - idleSeconds);
  return {
    step(result, rows, epoch, last) {
      steps++;
      rowsSeen += rows;
      pending.push(result);
      evaluationStart = now();
      if (!last && steps % every !== 0 && steps !== 1) return;
      points.push({
        step: steps,
        epoch,
        rows: rowsSeen,
        seconds: now() - start,
        rowsPerSecond: rowsSeen / trainingSeconds(),
        loss: meanOf(pending, (step) => step.loss),
        taskLosses: Object.fromEntries(
          Object.keys(result.taskLosses).map((name) => [name, meanOf(pending, (s) => s.taskLosses[name] as number)]),
        ),
      });
      pending = [];
    },
    evaluation(evaluation, epoch) {
      idleSeconds += now() - evaluationStart;
      evaluations.push({ step: steps, epoch, evaluation });
    },
    history: (bestStep) => ({ points: [...points], evaluations: [...evaluations], bestStep }),
    get steps() {
      return steps;
    },
    get rowsPerSecond() {
      return rowsSeen / trainingSeconds();
    },
  };
}

function meanOf(steps: readonly StepResult[], value: (step: StepResult) => number): number {
  return steps.reduce((sum, step) => sum + value(step), 0) / steps.length;
}
