import type { EncodedData, FeatureColumn } from "../../data/encoded/index.js";
import { groupFeatures, type ModelSpec } from "../../spec/index.js";
import type { Prior } from "../statistics/variance.js";

/** One grouping per single-id feature of the `domain` and `uia` groups: rows with the same id are a group. */
export function listPriors(spec: ModelSpec, data: EncodedData, sample: Int32Array): Prior[] {
  const names = new Set([...(groupFeatures(spec, "domain") ?? []), ...(groupFeatures(spec, "uia") ?? [])]);
  return [...names].flatMap((name) => {
    const column = data.features.get(name);
    return column?.kind === "ids" ? [makePrior(name, column, sample)] : [];
  });
}

function makePrior(name: string, column: FeatureColumn & { kind: "ids" }, sample: Int32Array): Prior {
  const numbers = new Map<number, number>();
  const groupOf = Int32Array.from(sample, (row) => {
    const id = column.ids[row]!;
    if (id < 0) return -1;
    const group = numbers.get(id) ?? numbers.size;
    numbers.set(id, group);
    return group;
  });
  return { name, groupOf, groups: numbers.size };
}
