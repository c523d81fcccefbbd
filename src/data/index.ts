/** Sources of rows → tables → encoded columns → batches; splits, a look at a table. */
export * from "./batches.js";
export { type CheckOptions, check } from "./check/check.js";
export type { ExampleRow, Finding, TableCheck } from "./check/finding.js";
export * from "./column.js";
export * from "./danfo.js";
export * from "./describe.js";
export {
  type EncodedPart,
  type EncodeOptions,
  encode,
  encodedParts,
  type PredictionRows,
  predictionRows,
} from "./encode/encode.js";
export { defaultOf, usualSeparator } from "./encode/encode-part.js";
export { encodingSeconds } from "./encode/encoding-time.js";
export { hash64, hashBucket } from "./encode/hash.js";
export type { HashSharing, LargerTable } from "./encode/hashed/sharing.js";
export { type ComputedFeature, saysEncoded, sourceColumns } from "./encode/plan.js";
export { vocabularyRows } from "./encode/rows-of-ids.js";
export { resolveVocabularies } from "./encode/vocabulary.js";
export * from "./encoded.js";
export { encodedRows, type StorageOptions } from "./encoded-rows.js";
export { encodedHash } from "./fingerprint.js";
export * from "./leaks.js";
export * from "./open.js";
export {
  type RowGroupOptions,
  type RowGroups,
  rowGroups,
  userCodes,
} from "./row-groups.js";
export { rowsDigest } from "./rows-digest.js";
export { rowsFingerprint } from "./rows-fingerprint.js";
export type { CsvOptions } from "./sources/delimited/options.js";
export * from "./sources/memory.js";
export { assertLocal } from "./sources/paths/local-path.js";
export { assertTarget } from "./sources/paths/target.js";
export type { RowPlace, Source, SourceVersion } from "./sources/source.js";
export * from "./split.js";
export { encodedBytes } from "./stored/layout.js";
export {
  type EncodedRows,
  isStreamed,
  measuredColumns,
  StreamedData,
  takeRows,
} from "./streamed.js";
export { type Row, Table, type TablePart, writeParquet } from "./table.js";
export { zoneNote } from "./times.js";

export { trainingDataBytes } from "./training-memory.js";
