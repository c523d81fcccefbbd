import type { Weight, Weights } from "../engine/engine.js";
import type { LogisticRegression } from "./logistic-regression.js";
import type { LinearColumn } from "./sparse-rows.js";

/** A whole number is written as two halves that are exact in 32-bit floats. */
const half = 65_536;

/**
 * Per feature `{feature}.ids` [1 + ids, 2]: the position of the first weight, then the ids; or `{feature}.moments`
 * [1 + numbers, 2]: the position, then means and standard deviations. Per tower `{tower}.weights` [weights].
 */
export function floorWeights({ columns, weights }: LogisticRegression): Weights {
  const arrays = new Map<string, Weight>();
  for (const { name, positions, numbers } of columns) {
    const [first = 0] = positions.values();
    const pairs =
      numbers === null
        ? [first, ...positions.keys()].map(halves)
        : [halves(numbers.position), ...numbers.means.map((mean, at) => [mean, numbers.deviations[at]!] as const)];
    const data = Float32Array.from(pairs.flat());
    arrays.set(`${name}.${numbers === null ? "ids" : "moments"}`, { shape: [pairs.length, 2], data });
  }
  for (const [tower, data] of weights) arrays.set(`${tower}.weights`, { shape: [data.length], data });
  return arrays;
}

export function floorFromWeights(arrays: Weights): LogisticRegression {
  const columns: LinearColumn[] = [];
  const weights = new Map<string, Float32Array>();
  for (const [key, { data }] of arrays) {
    const dot = key.lastIndexOf(".");
    const [name, kind] = [key.slice(0, dot), key.slice(dot + 1)];
    if (kind === "weights") {
      weights.set(name, data);
      continue;
    }
    const pairs = Array.from({ length: data.length / 2 }, (_, at) => [data[at * 2]!, data[at * 2 + 1]!] as const);
    const [first = [0, 0], ...rest] = pairs;
    const start = whole(first);
    if (kind === "moments") {
      const means = rest.map(([mean]) => mean);
      const deviations = rest.map(([, deviation]) => deviation);
      columns.push({ name, positions: new Map(), numbers: { position: start, means, deviations } });
      continue;
    }
    columns.push({ name, positions: new Map(rest.map((pair, at) => [whole(pair), start + at])), numbers: null });
  }
  return { columns, weights };
}

function halves(value: number): readonly [number, number] {
  return [Math.floor(value / half), value % half];
}

function whole([high, low]: readonly [number, number]): number {
  return high * half + low;
}
