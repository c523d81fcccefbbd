/** Converts encoded rows to an exported model's inputs: ids per row, padded with −1. */
import type { BagColumn, EncodedData, IdColumn } from "../../data/index.js";
import type { FeatureEncoder, IdsEncoder } from "./encoders.js";

/** An input's values, [rows, width]. */
export type ServedInput =
  | { readonly type: "int64"; readonly values: BigInt64Array; readonly width: number }
  | { readonly type: "float32"; readonly values: Float32Array; readonly width: number };

/** The inputs of the rows `from` … `to` − 1, by name. */
export function servedInputs(
  features: readonly FeatureEncoder[],
  data: EncodedData,
  from: number,
  to: number,
): Map<string, ServedInput> {
  const inputs = new Map<string, ServedInput>();
  for (const feature of features) {
    const column = data.features.get(feature.name)!;
    if (column.kind === "dense") {
      const values = column.values.slice(from * column.dim, to * column.dim);
      inputs.set(feature.name, { type: "float32", values, width: column.dim });
    } else addIds(inputs, feature as IdsEncoder, column, from, to);
  }
  return inputs;
}

function addIds(
  inputs: Map<string, ServedInput>,
  { name, weights }: IdsEncoder,
  column: IdColumn | BagColumn,
  from: number,
  to: number,
): void {
  const start = (row: number): number => (column.kind === "ids" ? row : column.offsets[row]!);
  let width = 1;
  for (let row = from; row < to; row++) width = Math.max(width, start(row + 1) - start(row));
  const ids = new BigInt64Array((to - from) * width).fill(-1n);
  const factors = new Float32Array(weights === null ? 0 : ids.length).fill(1);
  for (let row = from; row < to; row++) {
    const first = start(row);
    for (let at = first; at < start(row + 1); at++) {
      const place = (row - from) * width + at - first;
      ids[place] = BigInt(column.ids[at]!);
      if (weights !== null && column.kind === "bag" && column.weights !== null) {
        factors[place] = column.weights[at]!;
      }
    }
  }
  inputs.set(name, { type: "int64", values: ids, width });
  if (weights !== null) inputs.set(weights, { type: "float32", values: factors, width });
}
