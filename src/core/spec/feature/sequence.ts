/** Behaviour sequences: features with a value per position, and encoders that turn them into a part of a group. */

import type { JsonObject } from "../../util/json.js";
import type { MlpSpec } from "../mlp.js";

/** Makes a feature a sequence: a row holds a list of positions, such as the last clicks. */
export interface SequenceSpec {
  /** Name of the `sequence_feature` that holds the feature; `null`: a separate sequence (`sequence_id_feature`). */
  readonly of: string | null;
  /** Most positions that the feature generator keeps: the first ones. Columns of table rows are not cut. */
  readonly length: number;
  readonly delimiter: string;
  /** Fields of the `sequence_feature` that the spec does not model, as proto JSON, kept for export. */
  readonly extra: JsonObject;
}

/** The input of sequence encoders (TorchEasyRec `SeqGroupConfig`). */
export interface SequenceGroupSpec {
  /** Unique in the model. */
  readonly name: string;
  /** Sequence features are the sequence, the others the query, each in this order. */
  readonly features: readonly string[];
  /** Separate tables for this group, with this suffix; `null`: the suffix of the feature group, if any. */
  readonly suffix: string | null;
}

interface Encoder {
  readonly input: string;
  /** Config fields that the spec does not model, as proto JSON, kept for export. */
  readonly extra: JsonObject;
}

interface CutEncoder extends Encoder {
  /** Reads only the first positions; 0: all. */
  readonly maxLength: number;
}

/** Attention of the query to each position by an MLP (TorchEasyRec `DINEncoder`). */
export interface DinEncoderSpec extends CutEncoder {
  readonly kind: "din";
  readonly mlp: MlpSpec;
}

/** Attention by the product of query and position (TorchEasyRec `SimpleAttention`). */
export interface SimpleAttentionSpec extends CutEncoder {
  readonly kind: "simple_attention";
}

/** The sum or mean of all positions (TorchEasyRec `PoolingEncoder`). */
export interface PoolingEncoderSpec extends CutEncoder {
  readonly kind: "pooling";
  readonly pooling: "sum" | "mean";
}

/** Weighted means over windows of positions (TorchEasyRec `MultiWindowDINEncoder`). */
export interface MultiWindowDinSpec extends Encoder {
  readonly kind: "multi_window_din";
  readonly mlp: MlpSpec;
  /** Positions of each window, from the first position; positions after the last window are not read. */
  readonly windows: readonly number[];
}

/** Attention between positions (TorchEasyRec `SelfAttentionEncoder`). */
export interface SelfAttentionSpec extends CutEncoder {
  readonly kind: "self_attention";
  /** Width of the attention, and of the result. */
  readonly dim: number;
  /** Divides `dim`. */
  readonly heads: number;
  /** Dropout of the attention weights in training. */
  readonly dropout: number;
}

/** Turns a sequence group into a part of its feature group. */
export type SequenceEncoderSpec =
  | DinEncoderSpec
  | SimpleAttentionSpec
  | PoolingEncoderSpec
  | MultiWindowDinSpec
  | SelfAttentionSpec;

/** The sequences of a feature group. */
export interface GroupSequences {
  readonly groups: readonly SequenceGroupSpec[];
  /** Their results follow the group's features, in this order. */
  readonly encoders: readonly SequenceEncoderSpec[];
}
