import type { EngineState, StepResult, Weights } from "../../engine/engine.js";
import { TrainError } from "../../errors/index.js";
import type { AucFloor, Evaluation } from "../../metrics/types.js";
import { mean } from "../../util/turns.js";
import type { ExplodedGradients, OnNonFinite } from "./faulty-steps.js";
import type { EvaluationPoint, History, HistoryPoint, Progress, TrainProgress } from "./recorder.js";

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
  readonly value: number;
  readonly step: number;
  readonly worse: number;
  readonly evaluation: Evaluation;
  readonly state: EngineState;
}

/** The mean AUC of the towers (or that of `tower`), else the negative loss. @throws TrainError for an unknown tower */
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

/** Everything needed to resume training between two steps. */
export interface TrainCheckpoint {
  readonly engine: EngineState;
  /** The weights for predictions: the current weights or their moving averages. */
  readonly weights: Weights;
  readonly progress: TrainProgress;
  readonly evaluation: Evaluation | null;
  readonly best: BestState | null;
  readonly stoppedEarly: boolean;
}

/** The report of one optimiser step. */
export interface StepReport
  extends Omit<StepResult, "predictions">,
    Pick<HistoryPoint, "trainMetrics">,
    Pick<Progress, "step" | "totalSteps" | "epoch" | "rowsPerSecond"> {}

/** How to train a run, besides its spec. */
export interface TrainLoopOptions {
  readonly steps?: number | undefined;
  /** Evaluations per epoch. Default: see `FitOptions`. */
  readonly evaluationsPerEpoch?: number;
  /** Stops when validation no longer improves, and keeps the best weights. Default: trains to the end. */
  readonly earlyStopping?: EarlyStopping;
  /** `stop` (default): ends with an error that names rows and features; `skip`: goes on, up to 50 times in a row. */
  readonly onNonFinite?: OnNonFinite;
  /** Resumes from this state as if training had never stopped, with the same weights in the end. */
  readonly from?: TrainCheckpoint | null;
  /** At regular steps, after the best evaluation, at the end and on an interrupt. `last`: nothing remains. */
  readonly checkpoint?: {
    readonly everySteps: number;
    /** Writes a checkpoint; training waits for it. */
    save(checkpoint: TrainCheckpoint, last: boolean): Promise<void>;
  };
  readonly floors?: ReadonlyMap<string, AucFloor> | null;
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onStep?: (step: StepReport) => void;
  /** Awaited before every evaluation, while weights do not change; its time does not count as training. */
  readonly atEvaluation?: (step: number, epoch: number) => Promise<void>;
  /** Called after each evaluation. */
  readonly onEvaluation?: (point: EvaluationPoint) => void;
  /** Called after steps at most every 250 ms, after each evaluation, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The result of training. */
export interface TrainLoopResult {
  readonly history: History;
  /** On the validation data, with the kept weights; `null` without validation data. */
  readonly evaluation: Evaluation | null;
  readonly interrupted: boolean;
  readonly stoppedEarly: boolean;
  readonly skipped: number;
  readonly exploded: ExplodedGradients | null;
}
