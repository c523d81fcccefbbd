/** How a model is trained: optimisers, learning rates, batches (TorchEasyRec `TrainConfig`, `DataConfig`). */
import type { JsonObject } from "../util/json.js";

/** Optimiser of the dense parameters, as PyTorch computes it (TorchEasyRec `DenseOptimizer`). */
export type DenseOptimizerSpec =
  | {
      readonly kind: "sgd";
      readonly lr: number;
      readonly momentum: number;
      readonly weightDecay: number;
      readonly dampening: number;
      readonly nesterov: boolean;
    }
  | {
      readonly kind: "adagrad";
      readonly lr: number;
      readonly weightDecay: number;
      readonly initialAccumulator: number;
      readonly eps: number;
    }
  | {
      readonly kind: "adam" | "adamw";
      readonly lr: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly weightDecay: number;
      readonly eps: number;
      readonly amsgrad: boolean;
    }
  | {
      readonly kind: "adadelta";
      readonly lr: number;
      readonly rho: number;
      readonly eps: number;
      readonly weightDecay: number;
    }
  | {
      readonly kind: "rmsprop";
      readonly lr: number;
      readonly alpha: number;
      readonly eps: number;
      readonly weightDecay: number;
    };

/** Optimiser of the embedding tables: touched rows only (TorchEasyRec `SparseOptimizer`). */
export type SparseOptimizerSpec =
  | ({ readonly kind: "sgd"; readonly lr: number } & GradientClip)
  | ({ readonly kind: "adagrad"; readonly lr: number; readonly initialAccumulator: number } & GradientClip)
  | ({
      readonly kind: "rowwise_adagrad";
      readonly lr: number;
      readonly weightDecay: number;
      readonly weightDecayMode: "NONE" | "L2" | "DECOUPLE";
    } & GradientClip)
  | ({
      readonly kind: "adam" | "partial_rowwise_adam";
      readonly lr: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly weightDecay: number;
    } & GradientClip)
  | { readonly kind: "other"; readonly field: string; readonly config: JsonObject };

interface GradientClip {
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
      readonly decaySize: number;
      readonly decayFactor: number;
      readonly staircase: boolean;
      readonly warmupLearningRate: number;
      readonly warmupSize: number;
      readonly minLearningRate: number;
      readonly byEpoch: boolean;
    }
  | {
      readonly kind: "manual_step";
      readonly scheduleSizes: readonly number[];
      readonly learningRates: readonly number[];
      readonly warmup: boolean;
      readonly byEpoch: boolean;
    }
  | {
      readonly kind: "cosine_annealing";
      readonly tMax: number;
      readonly minLearningRate: number;
      readonly warmupLearningRate: number;
      readonly warmupSize: number;
      readonly byEpoch: boolean;
    }
  | {
      readonly kind: "cosine_annealing_warm_restarts";
      readonly t0: number;
      readonly tMult: number;
      readonly minLearningRate: number;
      readonly warmupLearningRate: number;
      readonly warmupSize: number;
      readonly byEpoch: boolean;
    };

/** An optimiser for the dense parameters whose name matches a regular expression. */
export interface PartOptimizerSpec {
  readonly pattern: string;
  readonly optimizer: DenseOptimizerSpec;
  readonly learningRate: LearningRateSpec;
}

/** Gradient clipping of the dense parameters (TorchEasyRec `GradClipping`). */
export interface GradClippingSpec {
  readonly type: "norm" | "value";
  readonly maxGradient: number;
  readonly normType: number;
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
  readonly steps: number | null;
  readonly batchSize: number;
  readonly evalBatchSize: number | null;
  readonly seed: number;
  /** Shuffle rows at each epoch; `false`: file order. */
  readonly shuffle: boolean;
  readonly dropRemainder: boolean;
  readonly dense: DenseOptimizerSpec;
  readonly denseLearningRate: LearningRateSpec;
  readonly sparse: SparseOptimizerSpec;
  readonly sparseLearningRate: LearningRateSpec;
  readonly partOptimizers: readonly PartOptimizerSpec[];
  /** Decay of the moving average of the dense weights; `null`: none. */
  readonly emaDecay: number | null;
  readonly gradientAccumulation: number;
  readonly gradClipping: GradClippingSpec | null;
  readonly tablePlacement: TablePlacement;
}
