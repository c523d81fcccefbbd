/** Converts encoded rows to columns for TorchEasyRec's Parquet reader with `fg_mode: FG_NONE`. */
import {
  type BagColumn,
  type ColumnInfo,
  type DenseColumn,
  type EncodedData,
  type FeatureColumn,
  type IdColumn,
  type RawColumn,
  sourceColumns,
  type Table,
} from "../data/index.js";
import { DataError } from "../errors/index.js";
import { type FeatureSpec, isSequence, type ModelSpec } from "../spec/index.js";
import { MissingPositions, sequenceColumn, sequenceInfo } from "./exported-sequences.js";

/** TorchEasyRec's separator of several encoded values. */
const separator = "\x03";

/** Columns with their types, and text columns whose rows have at most one id. */
export interface ExportedColumns {
  readonly columns: readonly ColumnInfo[];
  /** The columns of a part. */
  convert(part: EncodedData): Map<string, RawColumn>;
  /** After all chunks: text columns that can become integers. @throws DataError for sequences with missing ids */
  singleIds(): readonly string[];
}

/**
 * Plans the columns: ids INT64, several of a row as text, numbers FLOAT, class labels INT64 and other labels FLOAT,
 * sample weights FLOAT.
 */
export function exportedColumns(table: Table, spec: ModelSpec): ExportedColumns {
  const columns: ColumnInfo[] = spec.features.map((feature) => featureInfo(feature, table, spec));
  const domain = spec.domains?.column;
  const labels = [...new Set([...spec.labels, ...spec.towers.map((tower) => tower.label)])].filter(
    (name) => name !== domain,
  );
  const bareDomain = domain !== undefined && !spec.features.some(({ name }) => name === domain) ? domain : null;
  if (bareDomain !== null) columns.push(integers(bareDomain));
  const integerLabels = new Set(labels.filter((name) => isClass(name, spec)));
  for (const name of labels) columns.push(integerLabels.has(name) ? integers(name) : floats(name));
  for (const name of spec.sampleWeights) columns.push(floats(name));
  const weighted = spec.features.filter((feature) => feature.kind === "id" && feature.weighted).map(({ name }) => name);
  const several = new Set(weighted);
  const missing = new MissingPositions();
  let rows = 0;
  return {
    columns,
    convert(part) {
      const values = new Map<string, RawColumn>();
      for (const feature of spec.features) {
        const { name } = feature;
        const column = part.features.get(name)!;
        if (isSequence(feature) && column.kind === "bag") {
          missing.note(feature, column, rows);
          values.set(name, sequenceColumn(feature, column));
          continue;
        }
        if (column.kind === "bag" && holdsSeveral(column)) several.add(name);
        values.set(name, featureColumn(column, weighted.includes(name)));
      }
      if (bareDomain !== null) values.set(bareDomain, integerColumn(part.domains!, null));
      for (const name of labels) {
        const numbers = part.labels.get(name)!;
        values.set(
          name,
          integerLabels.has(name) ? integerColumn(Int32Array.from(numbers), null) : floatColumn(numbers),
        );
      }
      for (const name of spec.sampleWeights) values.set(name, floatColumn(part.sampleWeights.get(name)!));
      rows += part.rows;
      return values;
    },
    singleIds() {
      const problems = missing.problems(table.source);
      if (problems.length > 0) throw new DataError(problems);
      return columns.filter(({ name, type }) => type === "text" && !several.has(name)).map(({ name }) => name);
    },
  };
}

const integers = (name: string): ColumnInfo => ({ name, type: "integer", sourceType: "BIGINT" });
const floats = (name: string): ColumnInfo => ({ name, type: "float", sourceType: "FLOAT" });

function featureInfo(feature: FeatureSpec, table: Table, spec: ModelSpec): ColumnInfo {
  const { name } = feature;
  if (isSequence(feature)) return sequenceInfo(feature);
  if (feature.kind === "raw" && feature.boundaries.length === 0) {
    return feature.valueDim === 1 ? floats(name) : { name, type: "list", sourceType: "FLOAT[]" };
  }
  const read = sourceColumns(table, feature, spec);
  const numbers = table.columns.filter((column) => read.includes(column.name));
  const single = feature.kind === "raw" ? feature.valueDim === 1 : feature.kind !== "id" || !feature.weighted;
  const onlyNumbers = numbers.every(({ type }) => type !== "text" && type !== "list");
  return single && onlyNumbers ? integers(name) : { name, type: "text", sourceType: "VARCHAR" };
}

/** Whether a label is a class: TorchEasyRec's metrics need integers for them. */
function isClass(label: string, { towers }: ModelSpec): boolean {
  return towers.some((tower) => tower.label === label && tower.losses.some(({ kind }) => kind !== "l2_loss"));
}

function featureColumn(column: FeatureColumn, weighted: boolean): RawColumn {
  if (column.kind === "dense") return column.dim === 1 ? floatColumn(column.values) : listColumn(column);
  return column.kind === "ids" ? idColumn(column) : textColumn(column, weighted);
}

function idColumn({ ids }: IdColumn): RawColumn {
  if (ids.every((id) => id >= 0)) return integerColumn(ids, null);
  return integerColumn(
    ids.map((id) => Math.max(id, 0)),
    Uint8Array.from(ids, (id) => (id >= 0 ? 1 : 0)),
  );
}

function integerColumn(values: Int32Array, valid: Uint8Array | null): RawColumn {
  return { kind: "number", type: "integer", values, valid };
}

function floatColumn(values: Float32Array): RawColumn {
  return { kind: "number", type: "float", values, valid: null };
}

function listColumn({ dim, values }: DenseColumn): RawColumn {
  const offsets = Int32Array.from({ length: values.length / dim + 1 }, (_, row) => row * dim);
  return { kind: "list", offsets, items: { kind: "number", type: "float", values, valid: null }, valid: null };
}

function holdsSeveral({ offsets }: BagColumn): boolean {
  for (let row = 1; row < offsets.length; row++) {
    if (offsets[row]! - offsets[row - 1]! > 1) return true;
  }
  return false;
}

/** Several ids as text, with `:weight` where the feature is weighted; a row without ids is null. */
function textColumn({ offsets, ids, weights }: BagColumn, weighted: boolean): RawColumn {
  const places = new Map<string, number>();
  const codes = new Int32Array(offsets.length - 1);
  for (let row = 0; row < codes.length; row++) {
    const from = offsets[row]!;
    const rowIds = Array.from(ids.subarray(from, offsets[row + 1]));
    const words = weighted ? rowIds.map((id, at) => `${id}:${weights === null ? 1 : weights[from + at]}`) : rowIds;
    const text = words.join(separator);
    if (text !== "" && !places.has(text)) places.set(text, places.size);
    codes[row] = text === "" ? -1 : places.get(text)!;
  }
  return { kind: "text", codes, words: [...places.keys()] };
}
