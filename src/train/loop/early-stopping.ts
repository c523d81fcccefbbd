/** Early stopping: which evaluation was best, whether patience has run out, and the best weights put back. */

import type { Engine, EngineState } from "../../engine/index.js";
import { TrainError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { mean } from "../../util/sums.js";

/** When to stop before the last epoch; the best weights are kept. */
export interface EarlyStopping {
  /** Evaluations without a better value before training stops. Default 2. */
  readonly patience?: number;
  /** The tower whose AUC decides; default: the mean over all towers. */
  readonly tower?: string;
  /** A value must be better by more than this. Default 0. */
  readonly minDelta?: number;
}

/** The best state so far, and how training has gone since. */
export interface BestState {
  /** Of the monitored metric. */
  readonly value: number;
  /** Steps taken by then. */
  readonly step: number;
  /** Evaluations since, none better. */
  readonly worse: number;
  /** Of those weights, on the validation rows. */
  readonly evaluation: Evaluation;
  /** Everything to go back to. */
  readonly state: EngineState;
}

/** Keeps the best state of a run. Without `stopping` it keeps nothing. */
export interface BestKeeper {
  /** Takes an evaluation; true where patience has run out. */
  offer(evaluation: Evaluation, step: number): Promise<boolean>;
  /** Puts the best weights back and returns their evaluation. */
  restore(): Promise<Evaluation | null>;
  readonly best: BestState | null;
}

/** See {@link BestKeeper}; `from` is what an earlier one kept. */
export function bestKeeper(
  engine: Engine,
  stopping: EarlyStopping | undefined,
  from: BestState | null = null,
): BestKeeper {
  let best = from;
  return {
    async offer(evaluation, step) {
      if (!stopping) return false;
      const value = monitored(evaluation, stopping);
      if (best === null || value > best.value + (stopping.minDelta ?? 0)) {
        best = { value, step, worse: 0, state: await engine.state(), evaluation };
        return false;
      }
      best = { ...best, worse: best.worse + 1 };
      return best.worse >= (stopping.patience ?? 2);
    },
    async restore() {
      if (best === null) return null;
      if (best.state.step !== engine.steps) await engine.restore(best.state);
      return best.evaluation;
    },
    get best() {
      return best;
    },
  };
}

/**
 * What says which of several evaluations is best: the mean AUC over the towers (or that of `tower`), or, where there is
 * none, the loss with its sign turned.
 *
 * @throws TrainError for a tower that is not there
 */
export function monitored(evaluation: Evaluation, stopping: EarlyStopping = {}): number {
  const tasks = evaluation.tasks.filter((task) => stopping.tower === undefined || task.tower === stopping.tower);
  if (tasks.length === 0) {
    throw new TrainError({
      path: "earlyStopping.tower",
      message: "no such tower",
      received: `"${stopping.tower}"`,
      expected: `one of ${evaluation.tasks.map((task) => `"${task.tower}"`).join(", ")}`,
      fix: "name a tower of the model, or omit it for the mean over all",
    });
  }
  const values = tasks.map(({ overall }) => overall.auc ?? -(overall.logLoss ?? overall.meanSquaredError ?? 0));
  return mean(values);
}
