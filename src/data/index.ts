/**
 * Data: sources, tables, encoded columns and batches; splits and summaries.
 */

export { categoriesAuc, disguisedAuc, numbersAuc } from "./check/alone.js";
export { type CheckOptions, check } from "./check/check.js";
export type { ExampleRow, Finding, TableCheck } from "./check/finding.js";
export { type LabelRate, ratesDiffer } from "./check/label-rates.js";
export { judgedRows, type Suspicion, sharingSuspicions, suspicions } from "./check/suspicions.js";
export { labelsBy } from "./derive/index.js";
export {
  type EncodedPart,
  type EncodeOptions,
  encode,
  encodedParts,
  type PredictionRows,
  predictionRows,
} from "./encode/encode.js";
export { usualSeparator } from "./encode/encode-part.js";
export type { HashSharing, LargerTable } from "./encode/hashed/sharing.js";
export { hash64, hashBucket } from "./encode/ids/hash.js";
export { vocabularyRows } from "./encode/ids/rows-of-ids.js";
export { isSequenceFeature, type SequenceFeatureSpec } from "./encode/ids/sequence.js";
export { resolveVocabularies } from "./encode/ids/vocabulary.js";
export { type ComputedFeature, saysEncoded, sourceColumns } from "./encode/plan.js";
export * from "./encoded/batches.js";
export * from "./encoded/encoded.js";
export { encodedRows, type StorageOptions } from "./encoded/encoded-rows.js";
export { encodingSeconds } from "./encoded/encoding-time.js";
export { encodedHash } from "./encoded/fingerprint.js";
export { rowsDigest } from "./encoded/rows-digest.js";
export { rowsFingerprint } from "./encoded/rows-fingerprint.js";
export {
  type EncodedRows,
  isStreamed,
  measuredColumns,
  StreamedData,
  takeRows,
} from "./encoded/streamed.js";
export { trainingDataBytes } from "./encoded/training-memory.js";
export { fitFeatures, type VectorColumns, vectorRows } from "./fit/index.js";
export type { HistoryOptions, JoinOptions, NegativesOptions } from "./query/index.js";
export type {
  ArqueroTableLike,
  ArrowFieldLike,
  ArrowSchemaLike,
  ArrowTableLike,
  ArrowTypeLike,
  ArrowVector,
  OtherTable,
  PolarsFrameLike,
  PolarsSeriesLike,
} from "./sources/arrow.js";
export type { CsvOptions, CsvType } from "./sources/csv/options.js";
export * from "./sources/memory.js";
export { assertLocal } from "./sources/paths.js";
export type { RowPlace, Source, SourceVersion } from "./sources/source.js";
export { assertTarget } from "./sources/target.js";
export { encodedBytes } from "./stored/layout.js";
export * from "./summary/describe.js";
export type { ColumnDrift, DriftBin, DriftMeasure, DriftReport, LabelDrift } from "./summary/drift.js";
export type { LabelCounts } from "./summary/label-counts.js";
export * from "./summary/leaks.js";
export type { RowGroups } from "./summary/named-groups.js";
export {
  groupsByDomain,
  type RowGroupOptions,
  rowGroups,
  userCodes,
} from "./summary/row-groups.js";
export { trainingGroups } from "./summary/training-groups.js";
export * from "./table/column.js";
export * from "./table/danfo.js";
export * from "./table/open.js";
export * from "./table/split.js";
export { type Row, Table, type TablePart, writeParquet } from "./table/table.js";
export { textAsTimes, zoneNote } from "./table/times.js";
