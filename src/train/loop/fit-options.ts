/** Types of the training loop: options, state and result. */
import type { EngineState, StepResult, Weights } from "../../engine/index.js";
import type { AucFloor, Evaluation } from "../../metrics/index.js";
import type { BestState, EarlyStopping } from "./early-stopping.js";
import type { ExplodedGradients, OnNonFinite } from "./faulty-steps.js";
import type { EvaluationPoint, History, Progress, TrainProgress } from "./recorder.js";

/** Everything needed to resume training between two steps. */
export interface TrainCheckpoint {
  /** Weights, optimiser slots and step count. */
  readonly engine: EngineState;
  /** The weights for predictions: the current weights or their moving averages. */
  readonly weights: Weights;
  /** Steps, rows, seconds and losses so far. */
  readonly progress: TrainProgress;
  /** The evaluation of these weights; `null` if they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** The best state of early stopping; `null` without it. */
  readonly best: BestState | null;
  /** Whether early stopping ended the training, so that nothing remains to be trained. */
  readonly stoppedEarly: boolean;
}

/** The report of one optimiser step. */
export interface StepReport extends StepResult {
  /** Number of steps, including this one. */
  readonly step: number;
  /** Number of steps of the whole training. */
  readonly totalSteps: number;
  /** Completed epochs, such as 0.25. */
  readonly epoch: number;
  /** Rows per second over the last steps, without evaluations. */
  readonly rowsPerSecond: number;
}

/** How to train a run, besides its spec. */
export interface TrainLoopOptions {
  /** Number of optimiser steps, instead of the spec's length. */
  readonly steps?: number | undefined;
  /** Evaluations per epoch. Default: about four in the run, at least one per epoch. */
  readonly evaluationsPerEpoch?: number;
  /** Stops when validation no longer improves, and keeps the best weights. Default: trains to the end. */
  readonly earlyStopping?: EarlyStopping;
  /**
   * A step with a non-finite loss is never applied. Default `stop`: training ends with an error that names the
   * responsible rows and features; `skip`: it continues with the next batch, up to 50 such steps in a row.
   */
  readonly onNonFinite?: OnNonFinite;
  /**
   * Resumes from this state as if training had never stopped: the same batches, dropout, learning rates and so
   * weights.
   */
  readonly from?: TrainCheckpoint | null;
  /**
   * Saves checkpoints: at regular steps, after the best evaluation so far, at the end, and on an interrupt, which
   * then ends the training without an evaluation. `last`: nothing remains to be trained.
   */
  readonly checkpoint?: {
    /** Number of steps between two checkpoints. */
    readonly everySteps: number;
    /** Writes a checkpoint; training waits for it. */
    save(checkpoint: TrainCheckpoint, last: boolean): Promise<void>;
  };
  /** The floor of each task on the validation rows, for every evaluation. */
  readonly floors?: ReadonlyMap<string, AucFloor> | null;
  /** On abort the current step ends, and the partial result is returned. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onStep?: (step: StepReport) => void;
  /**
   * Awaited before every evaluation, to inspect the engine while its weights do not change. Its time does not count
   * as training.
   */
  readonly atEvaluation?: (step: number, epoch: number) => Promise<void>;
  /** Called after every evaluation. */
  readonly onEvaluation?: (point: EvaluationPoint) => void;
  /** Called after steps at most every 250 ms, after each evaluation, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The result of training. */
export interface TrainLoopResult {
  /** Losses and evaluations step by step. */
  readonly history: History;
  /** On the validation data, with the kept weights; `null` without validation data. */
  readonly evaluation: Evaluation | null;
  /** Whether the signal ended the training. */
  readonly interrupted: boolean;
  /** Whether early stopping ended the training. */
  readonly stoppedEarly: boolean;
  /** Number of steps skipped because their loss was not finite. */
  readonly skipped: number;
  /** Gradients far above earlier ones; `null` if there were none. */
  readonly exploded: ExplodedGradients | null;
}
