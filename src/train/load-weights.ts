/** Weights from elsewhere into an engine: all of them or none, each under TorchEasyRec's name with its shape. */
import type { Engine, Weight, Weights } from "../engine/engine.js";
import { CheckpointError, type Problem } from "../errors/index.js";
import { didYouMean } from "../util/near.js";
import { readSafetensors } from "./safetensors.js";

/**
 * Puts weights into an engine, in place of those that it has; its optimisers stay as they are.
 *
 * @param source a safetensors file, or weights as `run.weights()` gives them
 * @throws CheckpointError naming every parameter that is missing, not the model's, or of another shape.
 * @example await loadWeights(engine, "weights.safetensors");
 */
export async function loadWeights(engine: Engine, source: string | Weights): Promise<void> {
  const place = typeof source === "string" ? source : "weights";
  const given = typeof source === "string" ? await readSafetensors(source) : source;
  const state = await engine.state();
  const problems = weightProblems(state.weights, given, place);
  if (problems.length > 0) throw new CheckpointError(problems);
  await engine.restore({ ...state, weights: given, slots: new Map([...state.slots, ...averages(state.slots, given)]) });
}

/** Moving averages start from the weights, as they do in a new engine: predictions are made with them. */
function averages(slots: Weights, given: Weights): [string, Weight][] {
  return [...slots.keys()].flatMap((slot): [string, Weight][] => {
    const weight = slot.endsWith(".ema") ? given.get(slot.slice(0, -".ema".length)) : undefined;
    return weight === undefined ? [] : [[slot, weight]];
  });
}

function weightProblems(expected: Weights, given: Weights, place: string): Problem[] {
  const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
  const unknown = [...given.keys()].filter((name) => !expected.has(name));
  const needed = [...expected].flatMap(([name, { shape }]): Problem[] => {
    const weight = given.get(name);
    const path = `${place}: ${name}`;
    // PyTorch's counter of batches has no part in what a model computes.
    if (weight === undefined && name.endsWith(".num_batches_tracked")) return [];
    if (weight === undefined) {
      const fix =
        didYouMean(name, unknown) ?? "export it with the others, or build the model that these weights are of";
      return [{ path, message: "the weights lack this parameter", expected: shown(shape), fix }];
    }
    if (shown(weight.shape) === shown(shape)) return [];
    const message = "this parameter has another shape in the model";
    return [{ path, message, received: shown(weight.shape), expected: shown(shape) }];
  });
  const extra = unknown.map((name): Problem => {
    const fix = didYouMean(name, expected.keys()) ?? "take it out, or build the model that these weights are of";
    return { path: `${place}: ${name}`, message: "the model has no such parameter", fix };
  });
  return [...needed, ...extra];
}
