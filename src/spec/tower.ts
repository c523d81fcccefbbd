/** Task towers: one MLP per task and domain, with its losses and metrics (TorchEasyRec `TaskTower`). */
import type { JsonObject } from "../util/json.js";

/** A stack of fully connected layers (TorchEasyRec `MLP`). */
export interface MlpSpec {
  /** Units of each layer. */
  readonly hidden: readonly number[];
  /** Empty: none; one: for all layers; else one a layer. */
  readonly dropout: readonly number[];
  /** PyTorch's name, such as `nn.ReLU`. */
  readonly activation: string;
  /** Batch normalisation between each linear layer and its activation. */
  readonly batchNorm: boolean;
  /** Layer normalisation between each linear layer and its activation. */
  readonly layerNorm: boolean;
  /** Whether the linear layers have a bias. */
  readonly bias: boolean;
}

/** A task loss (TorchEasyRec `LossConfig`). */
export type LossSpec =
  | {
      readonly kind: "binary_cross_entropy";
      /** Labels are drawn towards ½ by this share. */
      readonly labelSmoothing: number;
    }
  | {
      readonly kind: "softmax_cross_entropy";
      /** Labels are drawn towards the even distribution by this share. */
      readonly labelSmoothing: number;
    }
  | { readonly kind: "l2_loss" }
  | {
      readonly kind: "binary_focal_loss";
      /** Exponent: the larger, the less easy examples weigh. */
      readonly gamma: number;
      /** Weight of positive rows; negative ones weigh 1 − alpha. */
      readonly alpha: number;
    }
  | {
      readonly kind: "other";
      /** The field of `LossConfig`, such as `jrc_loss`. */
      readonly field: string;
      /** Its content as proto JSON. */
      readonly config: JsonObject;
    };

/** A task metric (TorchEasyRec `MetricConfig`); exact AUC is always reported beside it. */
export type MetricSpec =
  | {
      readonly kind: "auc";
      /** Thresholds of the approximation, evenly spaced. */
      readonly thresholds: number;
    }
  | {
      readonly kind: "grouped_auc";
      /** The feature whose values group the rows. */
      readonly groupingKey: string;
    }
  | {
      readonly kind: "accuracy";
      /** Of binary tasks: probabilities above it count as positive. */
      readonly threshold: number;
      /** Of tasks of classes: the label is among so many most probable ones. */
      readonly topK: number;
    }
  | { readonly kind: "mean_absolute_error" }
  | { readonly kind: "mean_squared_error" }
  | {
      readonly kind: "normalized_entropy";
      /** The rate of positives is kept within [eta, 1 − eta]. */
      readonly eta: number;
    }
  | {
      readonly kind: "other";
      /** The field of `MetricConfig`. */
      readonly field: string;
      /** Its content as proto JSON. */
      readonly config: JsonObject;
    };

/** Rows inside (indicator label > 0) and outside a task's space weigh differently in its loss. */
export interface TaskSpaceSpec {
  /** The label that says which rows are inside. */
  readonly indicatorLabel: string;
  /** Weight of the rows inside. */
  readonly inWeight: number;
  /** Weight of the rows outside. */
  readonly outWeight: number;
}

/** One task. */
export interface TowerSpec {
  /** The task's name, such as `ctr`. */
  readonly name: string;
  /** The label that it predicts. */
  readonly label: string;
  /** 1 for binary and L2 losses, else the classes of softmax. */
  readonly numClass: number;
  /** `null`: the tower is the last linear layer alone. */
  readonly mlp: MlpSpec | null;
  /** Summed. */
  readonly losses: readonly LossSpec[];
  /** Measured at every evaluation, beside the exact ones. */
  readonly metrics: readonly MetricSpec[];
  /** Of the task's loss in the sum over tasks. */
  readonly weight: number;
  /** The column that weighs rows in the task's loss; `null`: all weigh 1. */
  readonly sampleWeight: string | null;
  /** Rows that weigh differently; `null`: none. */
  readonly taskSpace: TaskSpaceSpec | null;
  /** Config fields that the spec does not model, as proto JSON, kept for printing. */
  readonly extra: JsonObject;
}
