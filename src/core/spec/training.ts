/** Settings that follow from the number of training rows, measured on ten public data sets (docs/training.md). */
import type { JsonObject } from "../util/json.js";

export type ResolvedTraining = TrainingSpec & { readonly batchSize: number };

/** The range of automatic batch sizes. */
const batchLimits = { least: 64, most: 1024 };
/** The maximum number of automatic epochs. */
export const mostEpochs = 10;
/** The maximum number of rows that an automatic training passes, unless one epoch has more. */
const mostRows = 10_000_000;

/** Whether the length of training follows from the number of rows. */
export function isAutomaticLength({ epochs, steps }: Pick<TrainingSpec, "epochs" | "steps">): boolean {
  return epochs === null && steps === null;
}

export function resolveTraining(training: TrainingSpec, rows: number): ResolvedTraining {
  return {
    ...training,
    batchSize: training.batchSize ?? automaticBatchSize(rows),
    epochs: isAutomaticLength(training) ? automaticEpochs(rows) : training.epochs,
  };
}

/** A hundredth of the rows, rounded to a power of 2, between 64 and 1,024. */
function automaticBatchSize(rows: number): number {
  const power = 2 ** Math.round(Math.log2(Math.max(1, rows / 100)));
  return Math.min(batchLimits.most, Math.max(batchLimits.least, power));
}

/** 10 epochs; above a million rows fewer, so that training passes ten million rows, but at least 1. */
function automaticEpochs(rows: number): number {
  return Math.max(1, Math.min(mostEpochs, Math.round(mostRows / Math.max(1, rows))));
}

/** Rows per step: the batch size, or the largest that is chosen automatically. */
export function mostBatchRows({ batchSize }: Pick<TrainingSpec, "batchSize">): number {
  return batchSize ?? batchLimits.most;
}

/** The setting of every optimiser. */
export interface BaseOptimizer {
  readonly lr: number;
}

export interface DecayingOptimizer extends BaseOptimizer {
  /** Weight decay: the weights times this are added to the gradient, or for `adamw` subtracted from the weights. */
  readonly weightDecay: number;
}

/** An optimiser with a small number in its denominator. */
export interface StableOptimizer extends DecayingOptimizer {
  /** Added to the denominator (for `adadelta` under both roots). */
  readonly eps: number;
}

/** An optimiser with two moments of the gradient. */
export interface MomentOptimizer extends DecayingOptimizer {
  /** Decay of the first moment. */
  readonly beta1: number;
  /** Decay of the second moment, which is one number per row for `partial_rowwise_adam`. */
  readonly beta2: number;
}

/** An optimiser with a sum of squared gradients. */
export interface AccumulatingOptimizer {
  /** Initial sum of squared gradients. */
  readonly initialAccumulator: number;
}

/** The optimiser of the dense parameters, with PyTorch's formulas (TorchEasyRec `DenseOptimizer`). */
export type DenseOptimizerSpec =
  | (DecayingOptimizer & {
      readonly kind: "sgd";
      /** Momentum: the share of the previous step that is added to each step. */
      readonly momentum: number;
      /** Dampening: the share of each gradient that does not enter the momentum. */
      readonly dampening: number;
      readonly nesterov: boolean;
    })
  | (StableOptimizer & AccumulatingOptimizer & { readonly kind: "adagrad" })
  | (StableOptimizer &
      MomentOptimizer & {
        readonly kind: "adam" | "adamw";
        /** Divide by the largest second moment so far (AMSGrad). */
        readonly amsgrad: boolean;
      })
  | (StableOptimizer & {
      readonly kind: "adadelta";
      /** Decay of the mean squared gradient and update. */
      readonly rho: number;
    })
  | (StableOptimizer & {
      readonly kind: "rmsprop";
      /** Decay of the mean squared gradient. */
      readonly alpha: number;
    });

/** A part of a config that this library only keeps and exports. */
export interface OtherSpec {
  readonly kind: "other";
  /** Its field name in the config's message, such as `lookup_feature` of `FeatureConfig`. */
  readonly field: string;
  /** The field's content as proto JSON. */
  readonly config: JsonObject;
}

/** Gradient options of every sparse optimiser in TorchEasyRec. */
export interface GradientClip {
  /** Each number of a row's gradient is clipped to ± this, before rows of an id are summed; `null`: no clipping. */
  readonly maxGradient: number | null;
}

/** The optimiser of the embedding tables: updates only the rows of the batch (TorchEasyRec `SparseOptimizer`). */
export type SparseOptimizerSpec =
  | (BaseOptimizer & GradientClip & { readonly kind: "sgd" })
  | (BaseOptimizer & AccumulatingOptimizer & GradientClip & { readonly kind: "adagrad" })
  | (DecayingOptimizer &
      GradientClip & {
        readonly kind: "rowwise_adagrad";
        /** `L2`: the decay is added to the gradient; `DECOUPLE`: subtracted from the weights; `NONE`: off. */
        readonly weightDecayMode: "NONE" | "L2" | "DECOUPLE";
      })
  | (MomentOptimizer & GradientClip & { readonly kind: "adam" | "partial_rowwise_adam" })
  | OtherSpec;

/** The setting of every schedule of learning rates. */
export interface BaseSchedule {
  /** Sizes count epochs instead of steps. */
  readonly byEpoch: boolean;
}

/** A schedule with a warm-up and a minimum. */
export interface WarmupSchedule extends BaseSchedule {
  readonly minLearningRate: number;
  readonly warmupLearningRate: number;
  /** Number of warm-up steps (or epochs) up to the optimiser's rate. */
  readonly warmupSize: number;
}

/** Learning rate over steps or epochs. */
export type LearningRateSpec =
  | { readonly kind: "constant" }
  | (WarmupSchedule & {
      readonly kind: "exponential_decay";
      /** Number of steps (or epochs) after which the rate is multiplied by `decayFactor` once. */
      readonly decaySize: number;
      readonly decayFactor: number;
      /** Decay in steps instead of continuously. */
      readonly staircase: boolean;
    })
  | (BaseSchedule & {
      readonly kind: "manual_step";
      /** Steps (or epochs) at which each rate starts, ascending. */
      readonly scheduleSizes: readonly number[];
      readonly learningRates: readonly number[];
      /** Increase linearly to the first rate. */
      readonly warmup: boolean;
    })
  | (WarmupSchedule & {
      readonly kind: "cosine_annealing";
      /** Number of steps (or epochs) until the rate reaches its minimum. */
      readonly tMax: number;
    })
  | (WarmupSchedule & {
      readonly kind: "cosine_annealing_warm_restarts";
      /** Number of steps (or epochs) of the first cosine. */
      readonly t0: number;
      /** The length of each cosine relative to the one before. */
      readonly tMult: number;
    });

/** An optimiser for the dense parameters whose names match a regular expression. */
export interface PartOptimizerSpec {
  /** Must match a parameter's whole TorchEasyRec name; Python's syntax without look-around and backreferences. */
  readonly pattern: string;
  readonly optimizer: DenseOptimizerSpec;
  readonly learningRate: LearningRateSpec;
}

/** Gradient clipping of the dense parameters (TorchEasyRec `GradClipping`). */
export interface GradClippingSpec {
  /** Clip by the norm of all gradients, or each number separately. */
  readonly type: "norm" | "value";
  /** The maximum norm, or the maximum absolute value of each number. */
  readonly maxGradient: number;
  /** The order of the norm: 2 is the Euclidean norm. */
  readonly normType: number;
  /** Over the parameters of all workers; this library has one worker. */
  readonly global: boolean;
}

/**
 * Which tables the sparse optimiser trains. `sparse`: all (TorchEasyRec's `table_wise` + `fused`, written on
 * export); `planner`: TorchEasyRec's default, which assigns small tables to the dense optimiser; `dense`: none.
 */
export type TablePlacement = "sparse" | "planner" | "dense";

/** All training settings. */
export interface TrainingSpec {
  /**
   * Passes over the data; excludes `steps`. Without both: up to 10 (fewer above a million rows), with early stopping.
   */
  readonly epochs: number | null;
  /** Total number of optimiser steps; excludes `epochs`. */
  readonly steps: number | null;
  /** Rows per step; `null`: a hundredth of the training rows, rounded to a power of 2 between 64 and 1,024. */
  readonly batchSize: number | null;
  /** Rows per prediction batch in evaluations; `null`: `batchSize`. */
  readonly evalBatchSize: number | null;
  /** The seed of initial weights, batches and dropout. Default: 1. */
  readonly seed: number;
  /** Whether to shuffle rows at each epoch; `false`: file order. Default: true. */
  readonly shuffle: boolean;
  /** Whether to drop the last batch of an epoch if it is not full. Default: false. */
  readonly dropRemainder: boolean;
  /** Trains everything but the embedding tables. */
  readonly dense: DenseOptimizerSpec;
  /** Default: constant. */
  readonly denseLearningRate: LearningRateSpec;
  /** Trains the embedding tables; updates only the rows of the batch. */
  readonly sparse: SparseOptimizerSpec;
  /** Default: constant. */
  readonly sparseLearningRate: LearningRateSpec;
  /** Separate optimisers for dense parameters by pattern; the first matching pattern counts. */
  readonly partOptimizers: readonly PartOptimizerSpec[];
  /** Decay of the moving average of the dense weights; `null`: none. */
  readonly emaDecay: number | null;
  /** Number of batches whose gradients are summed for one step. Default: 1. */
  readonly gradientAccumulation: number;
  /** Clipping of the dense gradients; `null`: none. */
  readonly gradClipping: GradClippingSpec | null;
  /** Which tables the sparse optimiser trains. Default: `"sparse"`, all. */
  readonly tablePlacement: TablePlacement;
  /** `"torcheasyrec"`: like its CPU kernels where they differ from the mathematics; see docs/torcheasyrec.md. */
  readonly like?: "torcheasyrec";
  /** `rate`: outputs start at the label's rate or mean in their domain; absent: at random, as in TorchEasyRec. */
  readonly outputBias?: "rate";
  /**
   * `pareto`: each step weighs the losses by their gradients, as TorchEasyRec's `use_pareto_loss_weight`; absent:
   * never.
   */
  readonly lossWeights?: "pareto";
}
