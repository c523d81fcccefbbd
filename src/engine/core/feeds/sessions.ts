/** Numbers the sessions of a batch: rows with the same first id of a feature are one session. */
import type { EncodedData } from "../../../data/encoded/index.js";
import { DataError } from "../../../errors/index.js";

/** Whole numbers from 0; a row without an id is a separate session. @throws DataError if there are no ids */
export function sessionNumbers(data: EncodedData, feature: string, rows: Int32Array): Float32Array {
  const column = data.features.get(feature);
  if (column === undefined || column.kind === "dense") {
    throw new DataError({
      path: `features.${feature}`,
      message: "jrc_loss needs ids of its session",
      received: column === undefined ? "no such column" : "numbers",
      fix: "encode the data with this model's spec",
    });
  }
  const firstId = (row: number): number => {
    if (column.kind === "ids") return column.ids[row]!;
    return column.offsets[row]! < column.offsets[row + 1]! ? column.ids[column.offsets[row]!]! : -1;
  };
  const numbers = new Map<number, number>();
  let next = 0;
  return Float32Array.from(rows, (row) => {
    const id = firstId(row);
    const number = id < 0 ? undefined : numbers.get(id);
    if (number !== undefined) return number;
    if (id >= 0) numbers.set(id, next);
    return next++;
  });
}
