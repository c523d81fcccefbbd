/** Task towers: one MLP per task and domain, with its losses and metrics (TorchEasyRec `TaskTower`). */
import type { JsonObject } from "../util/json.js";

/** A stack of fully connected layers (TorchEasyRec `MLP`). */
export interface MlpSpec {
  /** Units of each layer. */
  readonly hidden: readonly number[];
  /** Empty: no dropout; one ratio: for all layers; else one ratio per layer. */
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
      /** Label smoothing: the share by which labels move towards ½. */
      readonly labelSmoothing: number;
    }
  | {
      readonly kind: "softmax_cross_entropy";
      /** Label smoothing: the share by which labels move towards the uniform distribution. */
      readonly labelSmoothing: number;
    }
  | { readonly kind: "l2_loss" }
  | {
      readonly kind: "binary_focal_loss";
      /** The exponent: the larger, the less weight easy examples have. */
      readonly gamma: number;
      /** Weight of positive rows; negative rows have 1 − alpha. */
      readonly alpha: number;
    }
  | {
      readonly kind: "jrc_loss";
      /** The feature whose first value is the session of a row. */
      readonly sessionName: string;
      /** Share of the cross entropy; the rest ranks the rows of a session. */
      readonly alpha: number;
    }
  | {
      readonly kind: "other";
      /** The field name in `LossConfig`, such as `recon_loss`. */
      readonly field: string;
      /** The field's content as proto JSON. */
      readonly config: JsonObject;
    };

/** Losses whose labels are 0 or 1. */
export const binaryLosses: readonly LossSpec["kind"][] = ["binary_cross_entropy", "binary_focal_loss", "jrc_loss"];

/** Whether a tower predicts one of two classes: a probability, or a softmax of two. */
export function isBinary(tower: TowerSpec): boolean {
  return tower.numClass <= 2 && !tower.losses.every((loss) => loss.kind === "l2_loss");
}

/** The label of rows that a softmax loss leaves out (PyTorch's `ignore_index`). */
export const ignoredClass: number = -100;

/** Whether a tower leaves out rows with the label {@link ignoredClass}. */
export function ignoresRows({ losses }: TowerSpec): boolean {
  return losses.length > 0 && losses.every(({ kind }) => kind === "softmax_cross_entropy");
}

/** A task metric (TorchEasyRec `MetricConfig`); exact AUC is always reported as well. */
export type MetricSpec =
  | {
      readonly kind: "auc";
      /** Number of evenly spaced thresholds of the approximation. */
      readonly thresholds: number;
    }
  | {
      readonly kind: "grouped_auc";
      /** The feature whose values group the rows. */
      readonly groupingKey: string;
    }
  | {
      readonly kind: "accuracy";
      /** For binary tasks: probabilities above it count as positive. */
      readonly threshold: number;
      /** For multi-class tasks: the label must be among this number of most probable classes. */
      readonly topK: number;
    }
  | {
      readonly kind: "multiclass_auc";
      /** Number of evenly spaced thresholds of the approximation. */
      readonly thresholds: number;
      /** The mean over classes: plain (`macro`), or weighted by their rows. */
      readonly average: "macro" | "weighted";
    }
  | {
      readonly kind: "xauc";
      /** TorchEasyRec draws this share of all pairs; here all pairs count. */
      readonly sampleRatio: number;
      /** TorchEasyRec draws this number of pairs instead; `null`: by `sampleRatio`. */
      readonly maxPairs: number | null;
      /** Pairs within each batch of evaluation only; the value is the mean over batches. */
      readonly inBatch: boolean;
    }
  | {
      readonly kind: "grouped_xauc";
      /** The feature whose values group the rows. */
      readonly groupingKey: string;
      /** TorchEasyRec draws this number of pairs in each group; here all pairs count. */
      readonly maxPairsPerGroup: number;
    }
  | { readonly kind: "mean_absolute_error" }
  | { readonly kind: "mean_squared_error" }
  | {
      readonly kind: "normalized_entropy";
      /** Clips the rate of positives to [eta, 1 − eta]. */
      readonly eta: number;
    }
  | {
      readonly kind: "other";
      /** The field name in `MetricConfig`. */
      readonly field: string;
      /** The field's content as proto JSON. */
      readonly config: JsonObject;
    };

/** Different loss weights for rows inside (indicator label > 0) and outside a task's space. */
export interface TaskSpaceSpec {
  /** The label that marks the rows inside. */
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
  /** 1 for binary and L2 losses, else the number of softmax classes. */
  readonly numClass: number;
  /** `null`: the tower is only the final linear layer. */
  readonly mlp: MlpSpec | null;
  /** The losses; their sum is minimised. */
  readonly losses: readonly LossSpec[];
  /** Computed at every evaluation, in addition to the exact metrics. */
  readonly metrics: readonly MetricSpec[];
  /** Weight of the task's loss in the sum over tasks. */
  readonly weight: number;
  /** The column that weights rows in the task's loss; `null`: all rows have weight 1. */
  readonly sampleWeight: string | null;
  /** Different weights inside and outside the task space; `null`: none. */
  readonly taskSpace: TaskSpaceSpec | null;
  /** Config fields that the spec does not model, as proto JSON, kept for export. */
  readonly extra: JsonObject;
}
