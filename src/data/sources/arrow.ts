/** Tables of other libraries, recognised by their shape, and Arrow IPC files, read by the user's apache-arrow. */
import { readFileSync } from "node:fs";
import { isDate } from "node:util/types";
import { DataError } from "../../errors/index.js";
import { userPackage } from "../../util/files/user-package.js";
import { inTurns } from "../../util/turns.js";
import { fileVersions, type Source } from "./file-version.js";
import { type NamedColumns, readingMemory } from "./memory.js";

/** The parts of an Arrow column that this library uses. */
export interface ArrowVector {
  readonly length: number;
  /** A value; null where missing. */
  get(row: number): unknown;
  /** The values without a null, if they are numbers. */
  toArray?(): unknown;
  readonly nullCount?: number;
}

/** The parts of an Arrow table that this library uses. */
export interface ArrowTableLike {
  readonly numRows: number;
  /** `typeId`: Arrow's number of the type, such as 5 for text. */
  readonly schema: {
    readonly fields: readonly { readonly name: string; readonly type: { readonly typeId: number } }[];
  };
  /** A column; null if it does not exist. */
  getChild(name: string): ArrowVector | null;
}

/** The parts of a polars Series that this library uses. */
export interface PolarsSeriesLike {
  readonly name: string;
  /** The values; null where missing. */
  toArray(): unknown;
}

/** A polars DataFrame (nodejs-polars). */
export interface PolarsFrameLike {
  /** The columns, in order. */
  getColumns(): readonly PolarsSeriesLike[];
  /** The rows as objects. */
  toRecords(): unknown;
}

/** An Arquero table. */
export interface ArqueroTableLike {
  /** The columns, in order. */
  columnNames(): readonly string[];
  /** The number of rows. */
  numRows(): number;
  /** The values of a column. */
  array(name: string): ArrayLike<unknown>;
}

/** The tables of other libraries, apart from danfo. */
export type OtherTable = ArrowTableLike | PolarsFrameLike | ArqueroTableLike;

/** The columns of another library's table, and its kind; `null`: the value is none. */
export function otherTableColumns(value: object): { readonly kind: string; readonly columns: NamedColumns } | null {
  if (isArrow(value)) {
    return {
      kind: "Arrow table",
      columns: value.schema.fields.map(({ name, type }): NamedColumns[number] => {
        const vector = value.getChild(name);
        if (vector === null) return [name, new Array<null>(value.numRows).fill(null)];
        return [name, typedValues(vector, type.typeId) ?? plainValues(vector, type.typeId)];
      }),
    };
  }
  if (isArquero(value)) {
    return { kind: "Arquero table", columns: value.columnNames().map((name) => [name, value.array(name)]) };
  }
  if (!isPolars(value)) return null;
  const columns = value.getColumns().map((series): NamedColumns[number] => {
    return [series.name, series.toArray() as ArrayLike<unknown>];
  });
  return { kind: "polars DataFrame", columns };
}

function isArrow(value: object): value is ArrowTableLike {
  const table = value as ArrowTableLike;
  return typeof table.numRows === "number" && Array.isArray(table.schema?.fields) && isCall(table.getChild);
}

function isArquero(value: object): value is ArqueroTableLike {
  const table = value as ArqueroTableLike;
  return isCall(table.columnNames) && isCall(table.numRows) && isCall(table.array);
}

function isPolars(value: object): value is PolarsFrameLike {
  const frame = value as PolarsFrameLike;
  return isCall(frame.getColumns) && isCall(frame.toRecords);
}

function isCall(value: unknown): boolean {
  return typeof value === "function";
}

/** Arrow's numbers of types, see its Schema.fbs. */
const intType = 2;
const floatType = 3;
const dateType = 8;
const timestampType = 10;

/** Numbers without a null, as their library holds them. */
function typedValues(vector: ArrowVector, typeId: number): ArrayLike<number> | null {
  if ((typeId !== intType && typeId !== floatType) || vector.nullCount !== 0 || vector.toArray === undefined)
    return null;
  const values = vector.toArray();
  const isPlain =
    values instanceof Float64Array ||
    values instanceof Float32Array ||
    (typeId === intType && ArrayBuffer.isView(values) && !(values instanceof DataView));
  return isPlain && (values as ArrayLike<number>).length === vector.length ? (values as ArrayLike<number>) : null;
}

function plainValues(vector: ArrowVector, typeId: number): unknown[] {
  const isTime = typeId === dateType || typeId === timestampType;
  return Array.from({ length: vector.length }, (_, row) => {
    const value = vector.get(row);
    if (value === null || value === undefined) return null;
    if (isTime) return isDate(value) ? value : new Date(Number(value));
    return isList(value) ? Array.from({ length: value.length }, (_, item) => value.get(item)) : value;
  });
}

function isList(value: unknown): value is ArrowVector {
  if (typeof value !== "object" || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return typeof (value as ArrowVector).get === "function" && typeof (value as ArrowVector).length === "number";
}

type ArrowPackage = { tableFromIPC(bytes: Uint8Array): ArrowTableLike };

/** Opens an Arrow IPC file. Throws a DataError if apache-arrow is not installed or cannot read the file. */
export async function arrowSource(name: string, files: readonly string[]): Promise<Source> {
  const [file] = files as [string];
  if (files.length > 1) {
    throw new DataError({
      path: name,
      message: "several Arrow files cannot be read as one table",
      received: `${files.length} files`,
      fix: `open each and concatenate them: (await dataset(${JSON.stringify(file)})).concat(…)`,
    });
  }
  const arrow = userPackage<ArrowPackage>(["apache-arrow"]);
  if (arrow === null) {
    throw new DataError({
      path: file,
      message: "Arrow files are read by the package apache-arrow, which is not installed",
      received: `no package apache-arrow in ${process.cwd()} or above`,
      fix: "npm install apache-arrow, or write the table as Parquet",
    });
  }
  const version = fileVersions(files);
  const source = await inTurns(readingMemory(name, readColumns(file, arrow)));
  const opened = await version();
  return { ...source, version: async () => opened, locate: async (row) => ({ source: file, row }) };
}

function readColumns(file: string, arrow: ArrowPackage): NamedColumns {
  try {
    return otherTableColumns(arrow.tableFromIPC(readFileSync(file)))!.columns;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const message = `apache-arrow cannot read this file: ${words.split("\n")[0]}`;
    const fix = "write it again without compression, or as Parquet";
    throw new DataError({ path: file, message, fix, cause: error });
  }
}
