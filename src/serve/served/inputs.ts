/** Converts encoded rows to an exported model's inputs: ids per row, padded with −1. */
import type { BagColumn, EncodedData, IdColumn } from "../../data/index.js";
import type { FeatureEncoder, IdsEncoder } from "../format/encoder-types.js";
import type { RowRange, ServedInput } from "../format/ports.js";
import { addSequence } from "./sequence-inputs.js";

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
      inputs.set(feature.name, { type: "float32", values, shape: [to - from, column.dim] });
    } else if (feature.kind === "sequence") addSequence(inputs, feature, column as BagColumn, { from, to });
    else addIds(inputs, feature as IdsEncoder, column, { from, to });
  }
  return inputs;
}

function addIds(
  inputs: Map<string, ServedInput>,
  { name, weights }: IdsEncoder,
  column: IdColumn | BagColumn,
  { from, to }: RowRange,
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
  const shape = [to - from, width];
  inputs.set(name, { type: "int64", values: ids, shape });
  if (weights !== null) inputs.set(weights, { type: "float32", values: factors, shape });
}
