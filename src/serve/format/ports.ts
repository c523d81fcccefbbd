/** The inputs of an exported model: names, types and shapes. */
import type { FeatureEncoder } from "./encoder-types.js";

/** One input. */
export interface ServedPort {
  readonly name: string;
  readonly type: "int64" | "float32";
  /** Numbers are fixed; names differ from batch to batch. */
  readonly shape: readonly ("rows" | "positions" | "values" | number)[];
}

/** The inputs of a feature: its values, and their weights or numbers of positions. */
export function servedPorts(feature: FeatureEncoder): readonly ServedPort[] {
  const { name } = feature;
  if (feature.kind === "values") return [{ name, type: "float32", shape: ["rows", feature.dim] }];
  if (feature.kind === "ids") {
    const ids: ServedPort = { name, type: "int64", shape: ["rows", "values"] };
    return feature.weights === null ? [ids] : [ids, { ...ids, name: feature.weights, type: "float32" }];
  }
  const { rows, several, dim, length } = feature;
  const positions: ServedPort =
    rows === null
      ? { name, type: "float32", shape: ["rows", "positions", dim] }
      : { name, type: "int64", shape: several ? ["rows", "positions", "values"] : ["rows", "positions"] };
  return length === null ? [positions] : [positions, { name: length, type: "int64", shape: ["rows"] }];
}

/** An input's values. */
export type ServedInput =
  | { readonly type: "int64"; readonly values: BigInt64Array; readonly shape: readonly number[] }
  | { readonly type: "float32"; readonly values: Float32Array; readonly shape: readonly number[] };

/** The rows `from` … `to` − 1. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}
