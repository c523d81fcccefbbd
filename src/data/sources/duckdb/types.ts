/**
 * DuckDB's types: which of the few types of columns they become, and the SQL that converts them.
 */
import type { ColumnInfo, ColumnType } from "../../table/column.js";
import { identifier } from "./names.js";

/** The type of a list's items. */
export function listItemType({ sourceType }: ColumnInfo): string {
  return sourceType.slice(0, sourceType.lastIndexOf("["));
}

/** Whether a type is a list, also of lists. */
export function isList(sourceType: string): boolean {
  return /\[\d*\]$/.test(sourceType);
}

/** SQL that converts a column to one of the few types that the builders support. */
export function readAs(column: ColumnInfo): string {
  const name = identifier(column.name);
  if (isMapType(column.sourceType)) {
    const pair = "CAST(pair.key AS VARCHAR) || ':' || CAST(pair.value AS VARCHAR)";
    return `list_transform(map_entries(${name}), pair -> ${pair})`;
  }
  if (column.type === "list") {
    const item = listItemType(column);
    if (isList(item))
      return `list_transform(${name}, item -> ${joined("item", listItemType({ ...column, sourceType: item }))})`;
    const target = readType(typeOf(item), item);
    return typeOf(item) === "timestamp"
      ? `list_transform(${name}, item -> ${milliseconds("item", item)})`
      : `CAST(${name} AS ${target}[])`;
  }
  if (column.type === "timestamp") return milliseconds(name, column.sourceType);
  return `CAST(${name} AS ${readType(column.type, column.sourceType)})`;
}

/** SQL: a list as the text of its values. A null inside would vanish, so it fails as text that is not a number. */
function joined(list: string, type: string): string {
  const text = typeOf(type) === "boolean" ? "CAST(CAST(value AS INTEGER) AS VARCHAR)" : "CAST(value AS VARCHAR)";
  return `array_to_string(list_transform(${list}, value -> coalesce(${text}, 'null')), chr(30))`;
}

/** SQL: a time as milliseconds since 1970 in UTC, to the microsecond, like `writtenTime`. */
function milliseconds(time: string, sourceType: string): string {
  const modulo = (value: string): string => `(((${value}) % 1000 + 1000) % 1000)`;
  const micros =
    sourceType === "TIMESTAMP_NS"
      ? `((epoch_ns(${time}) - ${modulo(`epoch_ns(${time})`)}) // 1000)`
      : sourceType === "DATE"
        ? `epoch_us(CAST(${time} AS TIMESTAMP))`
        : `epoch_us(${time})`;
  const rest = modulo(micros);
  return `CAST((${micros} - ${rest}) // 1000 AS DOUBLE) + CAST(${rest} AS DOUBLE) / 1000`;
}

/** Integers that do not fit 64 bits. */
export function readAsDigits(sourceType: string): boolean {
  return /HUGEINT|UBIGINT|DECIMAL/.test(sourceType);
}

function readType(type: ColumnType, sourceType: string): string {
  if (type === "boolean") return "INTEGER";
  if (type === "float") return "DOUBLE";
  if (type !== "integer") return "VARCHAR";
  if (readAsDigits(sourceType)) return "VARCHAR";
  return /BIGINT|UINTEGER/.test(sourceType) ? "BIGINT" : "INTEGER";
}

/** Maps are read as lists of texts `key:value`. */
export function isMapType(sourceType: string): boolean {
  return /^MAP\(.*\)$/.test(sourceType);
}

/** The column type of a DuckDB type. */
export function typeOf(sourceType: string): ColumnType {
  if (isMapType(sourceType)) return "list";
  if (/\[\d*\]\[\d*\]\[\d*\]$/.test(sourceType)) return "other";
  if (isList(sourceType)) return "list";
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,0\))$/.test(sourceType)) return "integer";
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(sourceType)) return "float";
  if (sourceType === "BOOLEAN") return "boolean";
  if (/^(DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/.test(sourceType)) return "timestamp";
  return /^(VARCHAR|ENUM|UUID)/.test(sourceType) ? "text" : "other";
}
