/** How a model is trained: optimisers, learning rates, batches (TorchEasyRec `TrainConfig`, `DataConfig`). */
import type { JsonObject } from "../util/json.js";

/** Optimiser of the dense parameters, as PyTorch computes it (TorchEasyRec `DenseOptimizer`). */
export type DenseOptimizerSpec =
  | {
      readonly kind: "sgd";
      /** Learning rate. */
      readonly lr: number;
      /** Share of the step before that is added to each step. */
      readonly momentum: number;
      /** The weights times this are added to their gradient. */
      readonly weightDecay: number;
      /** Share of each gradient that does not enter the momentum. */
      readonly dampening: number;
      /** Nesterov's form of momentum. */
      readonly nesterov: boolean;
    }
  | {
      readonly kind: "adagrad";
      /** Learning rate. */
      readonly lr: number;
      /** The weights times this are added to their gradient. */
      readonly weightDecay: number;
      /** What the sum of squared gradients begins with. */
      readonly initialAccumulator: number;
      /** Added to the denominator. */
      readonly eps: number;
    }
  | {
      readonly kind: "adam" | "adamw";
      /** Learning rate. */
      readonly lr: number;
      /** Decay of the first moment. */
      readonly beta1: number;
      /** Decay of the second moment. */
      readonly beta2: number;
      /** The weights times this are added to their gradient; for `adamw`, taken from the weights instead. */
      readonly weightDecay: number;
      /** Added to the denominator. */
      readonly eps: number;
      /** Divide by the largest second moment so far. */
      readonly amsgrad: boolean;
    }
  | {
      readonly kind: "adadelta";
      /** Learning rate. */
      readonly lr: number;
      /** Decay of the mean squared gradient and update. */
      readonly rho: number;
      /** Added below both roots. */
      readonly eps: number;
      /** The weights times this are added to their gradient. */
      readonly weightDecay: number;
    }
  | {
      readonly kind: "rmsprop";
      /** Learning rate. */
      readonly lr: number;
      /** Decay of the mean squared gradient. */
      readonly alpha: number;
      /** Added to the denominator. */
      readonly eps: number;
      /** The weights times this are added to their gradient. */
      readonly weightDecay: number;
    };

/** Optimiser of the embedding tables: touched rows only (TorchEasyRec `SparseOptimizer`). */
export type SparseOptimizerSpec =
  | ({
      readonly kind: "sgd";
      /** Learning rate. */
      readonly lr: number;
    } & GradientClip)
  | ({
      readonly kind: "adagrad";
      /** Learning rate. */
      readonly lr: number;
      /** What the sum of squared gradients begins with. */
      readonly initialAccumulator: number;
    } & GradientClip)
  | ({
      readonly kind: "rowwise_adagrad";
      /** Learning rate. */
      readonly lr: number;
      /** Strength, applied as `weightDecayMode` says. */
      readonly weightDecay: number;
      /** `L2`: added to the gradient; `DECOUPLE`: taken from the weights; `NONE`: off. */
      readonly weightDecayMode: "NONE" | "L2" | "DECOUPLE";
    } & GradientClip)
  | ({
      readonly kind: "adam" | "partial_rowwise_adam";
      /** Learning rate. */
      readonly lr: number;
      /** Decay of the first moment. */
      readonly beta1: number;
      /** Decay of the second moment, one number a row for `partial_rowwise_adam`. */
      readonly beta2: number;
      /** The weights times this are added to their gradient. */
      readonly weightDecay: number;
    } & GradientClip)
  | {
      readonly kind: "other";
      /** The field of `SparseOptimizer` that the engine does not compute: kept and printed. */
      readonly field: string;
      /** Its content as proto JSON. */
      readonly config: JsonObject;
    };

/** What every sparse optimiser of TorchEasyRec can do to gradients. */
export interface GradientClip {
  /**
   * Each number of a row's gradient is clipped to ±this before rows of the same id are summed (`max_gradient`);
   * `null`: off.
   */
  readonly maxGradient: number | null;
}

/** Learning rate over steps or epochs. */
export type LearningRateSpec =
  | { readonly kind: "constant" }
  | {
      readonly kind: "exponential_decay";
      /** Steps (or epochs) over which the rate is multiplied by `decayFactor` once. */
      readonly decaySize: number;
      /** What the rate is multiplied by. */
      readonly decayFactor: number;
      /** Fall in stairs rather than smoothly. */
      readonly staircase: boolean;
      /** The first rate. */
      readonly warmupLearningRate: number;
      /** Steps (or epochs) from the first rate to the optimiser's. */
      readonly warmupSize: number;
      /** The rate never falls below it. */
      readonly minLearningRate: number;
      /** Sizes count epochs instead of steps. */
      readonly byEpoch: boolean;
    }
  | {
      readonly kind: "manual_step";
      /** Steps (or epochs) from which on each rate holds, ascending. */
      readonly scheduleSizes: readonly number[];
      /** One a size. */
      readonly learningRates: readonly number[];
      /** Rise linearly to the first rate. */
      readonly warmup: boolean;
      /** Sizes count epochs instead of steps. */
      readonly byEpoch: boolean;
    }
  | {
      readonly kind: "cosine_annealing";
      /** Steps (or epochs) until the rate is at its minimum. */
      readonly tMax: number;
      /** What the rate falls to. */
      readonly minLearningRate: number;
      /** The first rate. */
      readonly warmupLearningRate: number;
      /** Steps (or epochs) from the first rate to the optimiser's. */
      readonly warmupSize: number;
      /** Sizes count epochs instead of steps. */
      readonly byEpoch: boolean;
    }
  | {
      readonly kind: "cosine_annealing_warm_restarts";
      /** Steps (or epochs) of the first cosine. */
      readonly t0: number;
      /** Each cosine is so many times as long as the one before. */
      readonly tMult: number;
      /** What the rate falls to. */
      readonly minLearningRate: number;
      /** The first rate. */
      readonly warmupLearningRate: number;
      /** Steps (or epochs) from the first rate to the optimiser's. */
      readonly warmupSize: number;
      /** Sizes count epochs instead of steps. */
      readonly byEpoch: boolean;
    };

/** An optimiser for the dense parameters whose name matches a regular expression. */
export interface PartOptimizerSpec {
  /**
   * A regular expression that a parameter's whole name (TorchEasyRec's) has to match, by Python's syntax without
   * look-around and backreferences.
   */
  readonly pattern: string;
  /** What trains the parameters that match. */
  readonly optimizer: DenseOptimizerSpec;
  /** The schedule of its rate. */
  readonly learningRate: LearningRateSpec;
}

/** Gradient clipping of the dense parameters (TorchEasyRec `GradClipping`). */
export interface GradClippingSpec {
  /** By the norm of the gradients, or each number by itself. */
  readonly type: "norm" | "value";
  /** The norm, or size of a number, that gradients are brought down to. */
  readonly maxGradient: number;
  /** Which norm: 2 is the Euclidean one. */
  readonly normType: number;
  /** Over all workers' parameters; here there is one worker. */
  readonly global: boolean;
}

/**
 * Which tables the sparse optimiser trains. `sparse`: all (TorchEasyRec's `table_wise` + `fused`, written on export);
 * `planner`: TorchEasyRec's default, which gives small tables to the dense optimiser; `dense`: all dense.
 */
export type TablePlacement = "sparse" | "planner" | "dense";

/** Everything about training that is not the model. */
export interface TrainingSpec {
  /** Exactly one of `epochs` and `steps` is a number. */
  readonly epochs: number | null;
  /** Optimiser steps in all; `null` where epochs are given. */
  readonly steps: number | null;
  /** Rows of a step. */
  readonly batchSize: number;
  /** Rows that are predicted at a time in evaluations; `null`: `batchSize`. */
  readonly evalBatchSize: number | null;
  /** Of initial weights, batches and dropout. */
  readonly seed: number;
  /** Shuffle rows at each epoch; `false`: file order. */
  readonly shuffle: boolean;
  /** Leave out the last batch of an epoch where it is not full. */
  readonly dropRemainder: boolean;
  /** Trains everything but the embedding tables. */
  readonly dense: DenseOptimizerSpec;
  /** The schedule of its rate. */
  readonly denseLearningRate: LearningRateSpec;
  /** Trains the embedding tables, the rows that a batch touches. */
  readonly sparse: SparseOptimizerSpec;
  /** The schedule of its rate. */
  readonly sparseLearningRate: LearningRateSpec;
  /** Dense parameters with an optimiser of their own; the first pattern that matches counts. */
  readonly partOptimizers: readonly PartOptimizerSpec[];
  /** Decay of the moving average of the dense weights; `null`: none. */
  readonly emaDecay: number | null;
  /** Batches whose gradients are summed for one step. */
  readonly gradientAccumulation: number;
  /** Of the dense parameters; `null`: none. */
  readonly gradClipping: GradClippingSpec | null;
  /** Which optimiser trains which table. */
  readonly tablePlacement: TablePlacement;
}
