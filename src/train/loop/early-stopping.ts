/** Early stopping: tracks the best evaluation and patience, and restores the best weights. */
import type { Engine, EngineState } from "../../engine/index.js";
import { TrainError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/index.js";
import { mean } from "../../util/sums.js";

/** When to stop before the last epoch; the best weights are kept. */
export interface EarlyStopping {
  /** Number of evaluations without improvement before training stops. Default 2. */
  readonly patience?: number;
  /** The tower whose AUC is monitored; default: the mean over all towers. */
  readonly tower?: string;
  /** The minimum improvement. Default 0. */
  readonly minDelta?: number;
}

/** The best state so far, and the evaluations since. */
export interface BestState {
  /** The value of the monitored metric. */
  readonly value: number;
  /** Number of steps at that time. */
  readonly step: number;
  /** Number of evaluations without improvement since. */
  readonly worse: number;
  /** The evaluation of those weights on the validation rows. */
  readonly evaluation: Evaluation;
  /** The state to restore. */
  readonly state: EngineState;
}

/** Keeps the best state of a run; without `stopping` it keeps nothing. */
export interface BestKeeper {
  /** Records an evaluation; returns true if patience has run out. */
  offer(evaluation: Evaluation, step: number): Promise<boolean>;
  /** Restores the best weights and returns their evaluation. */
  restore(): Promise<Evaluation | null>;
  readonly best: BestState | null;
}

/** See {@link BestKeeper}; `from` is the state of an earlier one. */
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
 * The value that ranks evaluations: the mean AUC over the towers (or that of `tower`), or, without AUC, the negative
 * loss.
 * @throws TrainError for an unknown tower
 */
export function monitored(evaluation: Evaluation, stopping: EarlyStopping = {}): number {
  const tasks = evaluation.tasks.filter((task) => stopping.tower === undefined || task.tower === stopping.tower);
  if (tasks.length === 0) {
    throw new TrainError({
      path: "earlyStopping.tower",
      message: "no such tower",
      received: `"${stopping.tower}"`,
      expected: `one of ${evaluation.tasks.map((task) => `"${task.tower}"`).join(", ")}`,
      fix: "use a tower of the model, or omit it for the mean over all",
    });
  }
  const values = tasks.map(({ overall }) => overall.auc ?? -(overall.logLoss ?? overall.meanSquaredError ?? 0));
  return mean(values);
}
