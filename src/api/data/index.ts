/** Data sets, their checks and their summaries. */

export type { CsvOptions } from "../../data/index.js";
export { DataCheck } from "./check.js";
export {
  Dataset,
  type DatasetCheckOptions,
  type DatasetDescribeOptions,
  type DatasetKind,
  type DatasetSource,
  type ModelLike,
} from "./dataset.js";
export { dataAdvice } from "./fit-rows/data-advice.js";
export { fittedSpec } from "./fit-rows/fit-features.js";
export { type HeldOut, heldOut } from "./fit-rows/held-out.js";
export { newNotes } from "./fit-rows/new-notes.js";
export { dataNotes } from "./fit-rows/notes.js";
export { type DatasetOptions, dataset, type OpenDataset, type RowOf } from "./open.js";
export { positionValues } from "./position-values.js";
export { type RawRows, rawRows, rowCells } from "./raw-rows.js";
export type { DatasetSplitOptions } from "./split.js";
export { type DataChartName, DataSummary, type DataTableName } from "./summary.js";
export { resolveUsers, type Users } from "./users.js";
export {
  type ColumnName,
  DataQuery,
  DataVerbs,
  type Derived,
  type Descending,
  GroupedRows,
  type OtherRows,
  type PlotOptions,
  plot,
  type ResultKind,
  type ResultOf,
  type RowValue,
  type RowValues,
  type SortBy,
} from "./verbs/index.js";
