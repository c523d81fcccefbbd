/** Encoded columns, the input of engines, in shared memory, so that threads read them without a copy. */
import type { Finding } from "../../errors/finding.js";

/** One id per row: a row of the embedding table, or −1 for no value (a zero vector). */
export interface IdColumn {
  readonly kind: "ids";
  /** [rows] */
  readonly ids: Int32Array;
}

/** Several ids per row: row r has `ids[offsets[r] … offsets[r + 1] − 1]`, pooled by the feature's pooling. */
export interface BagColumn {
  readonly kind: "bag";
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** The ids of all rows, concatenated; −1 is no value. */
  readonly ids: Int32Array;
  /** One weight per id, or `null` if all are 1. */
  readonly weights: Float32Array | null;
}

/** Values that are not embedded, [rows, dim]. */
export interface DenseColumn {
  readonly kind: "dense";
  readonly dim: number;
  /** [rows, dim], row-major. */
  readonly values: Float32Array;
}

/** A feature's column. */
export type FeatureColumn = IdColumn | BagColumn | DenseColumn;

/** Encoded rows in memory for one set of features: a whole data set, or a part read from disk. */
export interface EncodedData {
  readonly rows: number;
  readonly features: ReadonlyMap<string, FeatureColumn>;
  /** By label name, [rows]. */
  readonly labels: ReadonlyMap<string, Float32Array>;
  /** By sample weight field, [rows]. */
  readonly sampleWeights: ReadonlyMap<string, Float32Array>;
  /** The index of each row's domain, [rows]; `null` without domains. */
  readonly domains: Int32Array | null;
  /** What encoding found and accepted, such as ids outside their tables; `path` is the column. */
  readonly warnings: readonly Finding[];
  readonly notes?: readonly string[];
}

/** A selection of rows, in batch order. */
export interface Batch {
  readonly data: EncodedData;
  readonly rows: Int32Array;
}
