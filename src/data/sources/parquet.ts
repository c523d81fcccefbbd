/** Writing columns to Parquet: chunk by chunk into a DuckDB table, then one COPY. */
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampMillisecondsValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP_MS,
  VARCHAR,
} from "@duckdb/node-api";
import { type ColumnInfo, columnRows, type RawColumn, valueAt } from "../column.js";
import { identifier, literal, withConnection } from "./duckdb.js";

const chunkRows = 2048;
let written = 0;

/** Writes columns as one Parquet file; integers as INT64 (as TorchEasyRec reads ids), floats as DOUBLE. */
export async function writeParquet(
  columns: readonly ColumnInfo[],
  raw: ReadonlyMap<string, RawColumn>,
  path: string,
): Promise<void> {
  const table = `written_${++written}`;
  await withConnection(async (connection) => {
    const types = columns.map((column) => typeFor(raw.get(column.name)!));
    const fields = columns.map((column, index) => `${identifier(column.name)} ${types[index]}`);
    // Ids are appended as they are (a BigInt a value is slow) and widened by DuckDB.
    const wide = columns.map((column, index) => {
      const name = identifier(column.name);
      return types[index] === INTEGER ? `CAST(${name} AS BIGINT) AS ${name}` : name;
    });
    await connection.run(`CREATE TEMP TABLE ${table} (${fields.join(", ")})`);
    try {
      await append(connection, table, types, columns, raw);
      await connection.run(`COPY (SELECT ${wide.join(", ")} FROM ${table}) TO ${literal(path)} (FORMAT parquet)`);
    } finally {
      await connection.run(`DROP TABLE ${table}`);
    }
  });
}

async function append(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  columns: readonly ColumnInfo[],
  raw: ReadonlyMap<string, RawColumn>,
): Promise<void> {
  const appender = await connection.createAppender(table);
  const ordered = columns.map((column) => raw.get(column.name)!);
  const rows = ordered[0] === undefined ? 0 : columnRows(ordered[0]);
  for (let start = 0; start < rows; start += chunkRows) {
    const count = Math.min(chunkRows, rows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [index, column] of ordered.entries()) {
      const values = Array.from({ length: count }, (_, row) => duckValue(column, start + row, types[index]!));
      chunk.setColumnValues(index, values);
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function typeFor(column: RawColumn): DuckDBType {
  if (column.kind === "text") return VARCHAR;
  if (column.kind === "list") return LIST(typeFor(column.items));
  if (column.type === "boolean") return BOOLEAN;
  if (column.type === "timestamp") return TIMESTAMP_MS;
  if (column.type === "float") return DOUBLE;
  return column.values instanceof Int32Array ? INTEGER : BIGINT;
}

function duckValue(column: RawColumn, row: number, type: DuckDBType): DuckDBValue {
  const value = valueAt(column, row);
  if (value === null) return null;
  if (column.kind === "list") {
    const items: DuckDBValue[] = [];
    const itemType = typeFor(column.items);
    for (let item = column.offsets[row] as number; item < (column.offsets[row + 1] as number); item++) {
      items.push(duckValue(column.items, item, itemType));
    }
    return listValue(items);
  }
  if (type === BIGINT) return BigInt(value as number);
  if (value instanceof Date) return new DuckDBTimestampMillisecondsValue(BigInt(value.getTime()));
  return value as DuckDBValue;
}
