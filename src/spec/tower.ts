/** Task towers: one MLP per task and domain, with its losses and metrics (TorchEasyRec `TaskTower`). */
import type { JsonObject } from "../util/json.js";

/** A stack of fully connected layers (TorchEasyRec `MLP`). */
export interface MlpSpec {
  readonly hidden: readonly number[];
  /** Empty: none; one: for all layers; else one a layer. */
  readonly dropout: readonly number[];
  /** PyTorch's name, such as `nn.ReLU`. */
  readonly activation: string;
  readonly batchNorm: boolean;
  readonly layerNorm: boolean;
  readonly bias: boolean;
}

/** A task loss (TorchEasyRec `LossConfig`). */
export type LossSpec =
  | { readonly kind: "binary_cross_entropy"; readonly labelSmoothing: number }
  | { readonly kind: "softmax_cross_entropy"; readonly labelSmoothing: number }
  | { readonly kind: "l2_loss" }
  | { readonly kind: "binary_focal_loss"; readonly gamma: number; readonly alpha: number }
  | { readonly kind: "other"; readonly field: string; readonly config: JsonObject };

/** A task metric (TorchEasyRec `MetricConfig`); exact AUC is always reported beside it. */
export type MetricSpec =
  | { readonly kind: "auc"; readonly thresholds: number }
  | { readonly kind: "grouped_auc"; readonly groupingKey: string }
  | { readonly kind: "accuracy"; readonly threshold: number; readonly topK: number }
  | { readonly kind: "mean_absolute_error" }
  | { readonly kind: "mean_squared_error" }
  | { readonly kind: "normalized_entropy"; readonly eta: number }
  | { readonly kind: "other"; readonly field: string; readonly config: JsonObject };

/** Rows inside (indicator label > 0) and outside a task's space weigh differently in its loss. */
export interface TaskSpaceSpec {
  readonly indicatorLabel: string;
  readonly inWeight: number;
  readonly outWeight: number;
}

/** One task. */
export interface TowerSpec {
  readonly name: string;
  readonly label: string;
  readonly numClass: number;
  /** `null`: the tower is the last linear layer alone. */
  readonly mlp: MlpSpec | null;
  readonly losses: readonly LossSpec[];
  readonly metrics: readonly MetricSpec[];
  readonly weight: number;
  readonly sampleWeight: string | null;
  readonly taskSpace: TaskSpaceSpec | null;
  /** Config fields that the spec does not model, as proto JSON, kept for printing. */
  readonly extra: JsonObject;
}
