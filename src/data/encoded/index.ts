/**
 * Encoded rows: typed arrays in memory or blocks on disk, their batches and their hash.
 */
export { type BatchOptions, batches, batchesInOrder, trainingBatches } from "./batches.js";
export {
  type BagColumn,
  type Batch,
  type DenseColumn,
  type EncodedData,
  type FeatureColumn,
  type IdColumn,
  sharedFloats,
  sharedInts,
} from "./encoded.js";
export { encodedHash } from "./fingerprint.js";
export { rowsDigest } from "./rows-digest.js";
export { type EncodedRows, isStreamed, measuredColumns, takeRows } from "./streamed.js";
