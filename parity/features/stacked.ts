/**
 * Learned embeddings of numbers: while TorchEasyRec trains, features with equal settings share one parameter, whose
 * first axis is the feature, sorted by name. Here and in its checkpoints each feature has one.
 */
import type { Weight } from "../../src/core/engine/engine.js";
import { trainedName } from "../../src/core/nn/plan/sequences.js";

/** Cuts stacked parameters by feature. @param names the model's parameters, in its order */
export function unstacked(weights: ReadonlyMap<string, Weight>, names: readonly string[]): Map<string, Weight> {
  const cut = new Map(weights);
  for (const [whole, parts] of stacks(names)) {
    const weight = weights.get(whole);
    if (weight === undefined) continue;
    cut.delete(whole);
    const size = weight.data.length / parts.length;
    // A matrix for several numbers belongs to one feature alone.
    const shape = whole.includes("#vdim#") ? weight.shape : weight.shape.slice(1);
    parts.forEach((name, index) => {
      cut.set(name, { shape, data: weight.data.slice(index * size, (index + 1) * size) });
    });
  }
  return cut;
}

/** Joins arrays of features as TorchEasyRec stacks them. */
export function stacked(arrays: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  const joined = { ...arrays };
  for (const [name, parts] of stacks(Object.keys(arrays))) {
    joined[name] = Float32Array.from(parts.flatMap((part) => [...arrays[part]!]));
    for (const part of parts) delete joined[part];
  }
  return joined;
}

/** The parts of each stacked parameter. */
function stacks(names: readonly string[]): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const name of names) {
    const whole = trainedName(name);
    if (whole !== name) parts.set(whole, [...(parts.get(whole) ?? []), name]);
  }
  return parts;
}
