/** Task towers: one MLP per task and domain, with its losses and metrics (TorchEasyRec `TaskTower`). */
import type { JsonObject } from "../util/json.js";
import type { LossSpec } from "./losses/index.js";
import type { MetricSpec } from "./metrics/index.js";
import type { MlpSpec } from "./mlp.js";

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
