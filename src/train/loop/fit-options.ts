/** What the training loop is told, what it tells, and what it leaves. */
import type { EngineState, StepResult, Weights } from "../../engine/index.js";
import type { Evaluation } from "../../metrics/index.js";
import type { BestState, EarlyStopping } from "./early-stopping.js";
import type { ExplodedGradients } from "./exploding.js";
import type { EvaluationPoint, History, Progress } from "./history.js";
import type { OnNonFinite } from "./non-finite.js";
import type { TrainProgress } from "./recorder.js";

/** Everything that training goes on from, between two steps. */
export interface TrainCheckpoint {
  /** Weights, optimiser slots and step count. */
  readonly engine: EngineState;
  /** What predictions are made with: the weights, or their moving averages. */
  readonly weights: Weights;
  /** Steps, rows, seconds and losses so far. */
  readonly progress: TrainProgress;
  /** Of these weights; `null` where they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** What early stopping would put back; `null` without it. */
  readonly best: BestState | null;
  /** Early stopping ended it: nothing is left to train. */
  readonly stoppedEarly: boolean;
}

/** One optimiser step, as it is told. */
export interface StepReport extends StepResult {
  /** Steps taken, this one included. */
  readonly step: number;
  /** Steps of the whole training. */
  readonly totalSteps: number;
  /** Epochs done, such as 0.25. */
  readonly epoch: number;
  /** Over the last steps, evaluations left out. */
  readonly rowsPerSecond: number;
}

/** How a run trains, beside what its spec says. */
export interface TrainLoopOptions {
  /** Evaluations per epoch. Default: as many as make about four in the run, at least one an epoch. */
  readonly evaluationsPerEpoch?: number;
  /** Stop when validation gets no better, and keep the best weights. Default: train to the end. */
  readonly earlyStopping?: EarlyStopping;
  /**
   * A step whose loss is not a finite number is never applied. Default `stop`: training ends with an error that names
   * the rows and features behind it; `skip`: it goes on with the next batch, up to 50 such steps in a row.
   */
  readonly onNonFinite?: OnNonFinite;
  /** Goes on from here, as if training had never stopped: the same batches, dropout, learning rates and so weights. */
  readonly from?: TrainCheckpoint | null;
  /**
   * Saves what training can go on from: every so many steps, after the best evaluation so far, at the end, and where
   * training is interrupted, which then ends without an evaluation. `last`: nothing is left to train.
   */
  readonly checkpoint?: {
    /** Steps between two of them. */
    readonly everySteps: number;
    /** Writes one; training waits for it. */
    save(checkpoint: TrainCheckpoint, last: boolean): Promise<void>;
  };
  /** Aborted: the step in progress ends, and what there is is returned. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onStep?: (step: StepReport) => void;
  /** Waited for before every evaluation: looks at the engine while its weights stand still. Not counted as training. */
  readonly atEvaluation?: (step: number, epoch: number) => Promise<void>;
  /** Called after every evaluation. */
  readonly onEvaluation?: (point: EvaluationPoint) => void;
  /** Called after steps, at most every 250 ms, after each evaluation, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What training leaves. */
export interface TrainLoopResult {
  /** Losses and evaluations step by step. */
  readonly history: History;
  /** On the validation data, with the weights that were kept; `null` without validation data. */
  readonly evaluation: Evaluation | null;
  /** The signal ended it. */
  readonly interrupted: boolean;
  /** Early stopping ended it. */
  readonly stoppedEarly: boolean;
  /** Steps that were left out because their loss was not finite. */
  readonly skipped: number;
  /** Gradients far above what they were; `null` where none were seen. */
  readonly exploded: ExplodedGradients | null;
}
