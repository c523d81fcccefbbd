/**
 * Encoded columns: what an engine reads. One column a feature, every array backed by shared memory,
 * so that a worker thread reads it without a copy.
 */

/** One id a row: a row of the embedding table, or −1 for no value (a zero vector). */
export interface IdColumn {
  /** Tells the kinds of columns apart. */
  readonly kind: "ids";
  /** [rows] */
  readonly ids: Int32Array;
}

/** Several ids a row: row r holds `ids[offsets[r] … offsets[r + 1] − 1]`, pooled by the feature's pooling. */
export interface BagColumn {
  /** Tells the kinds of columns apart. */
  readonly kind: "bag";
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** Of all rows, one after the other; −1 is no value. */
  readonly ids: Int32Array;
  /** One a value, or `null` for 1. */
  readonly weights: Float32Array | null;
}

/** Values as they are, [rows, dim]. */
export interface DenseColumn {
  /** Tells the kinds of columns apart. */
  readonly kind: "dense";
  /** Numbers a row. */
  readonly dim: number;
  /** [rows, dim], row after row. */
  readonly values: Float32Array;
}

/** A feature's column. */
export type FeatureColumn = IdColumn | BagColumn | DenseColumn;

/** Rows that share a fate worth telling: `rows` rows of `column` had an id out of range, say. Shown in summaries. */
export interface DataWarning {
  /** The column of the data. */
  readonly column: string;
  /** How many rows it is about. */
  readonly rows: number;
  /** What happened to them, in a sentence. */
  readonly message: string;
}

/** Rows in memory, encoded for one set of features: all of a data set, or what was read of one on disk. */
export interface EncodedData {
  /** Length of every column. */
  readonly rows: number;
  /** By feature name. */
  readonly features: ReadonlyMap<string, FeatureColumn>;
  /** By label name, [rows]. */
  readonly labels: ReadonlyMap<string, Float32Array>;
  /** By sample weight field, [rows]. */
  readonly sampleWeights: ReadonlyMap<string, Float32Array>;
  /** Index of each row's domain, [rows]; `null` where the model has no domains. */
  readonly domains: Int32Array | null;
  /** What encoding went on with, counted. */
  readonly warnings: readonly DataWarning[];
  /** What happened to the cache, for people. */
  readonly notes?: readonly string[];
}

/** A selection of rows, in the order in which a batch takes them. */
export interface Batch {
  /** What `rows` selects from. */
  readonly data: EncodedData;
  /** Row numbers of `data`. */
  readonly rows: Int32Array;
}

export { sharedFloats, sharedInts } from "../../util/threads/shared-arrays.js";
