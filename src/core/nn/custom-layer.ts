/** Custom layers in TF.js, between embeddings and EPNet: one function runs eagerly, or is traced and compiled. */
import type * as tf from "@tensorflow/tfjs-core";
import { EngineError, PepnetError } from "../errors/index.js";
import { userPlace } from "../port/place.js";
import type { CustomLayer, LayerInput, LayerParameter } from "../spec/layer.js";
import { crossLayers } from "./cross-network.js";
import type { Feeds, ModelLayerPlan } from "./plan/plan.js";

/** The options of a layer. */
export interface LayerDefinition<P extends string> {
  /** The trainable parameters by name: `({ width }) => ({ weight: { shape: [width, width] } })`. Default: none. */
  readonly parameters?: (input: LayerInput) => Readonly<Record<P, LayerParameter>>;
  /**
   * Maps [rows, width] to [rows, width] row by row, because a training batch and a prediction have different rows. Randomness, values
   * read in JavaScript (`dataSync`) and the number of rows as a JavaScript number cannot be compiled.
   */
  readonly apply: (x: tf.Tensor2D, parameters: Readonly<Record<P, tf.Tensor>>, input: LayerInput) => tf.Tensor;
}

/**
 * Creates a layer for `model.layer(…)`. EPNet then gates its output, and the gates of EPNet and PPNet read it; the
 * `domain` and `uia` embeddings do not change. The dense optimiser trains its parameters.
 * @param name of the layer, and so of its parameters: `model.layers.{name}.{parameter}`
 * @example
 * const cross = layer("cross", {
 *   parameters: ({ width }) => ({ weight: { shape: [width, 1] }, bias: { shape: [width] } }),
 *   apply: (x, { weight, bias }) => tf.add(tf.add(tf.mul(x, tf.matMul(x, weight as tf.Tensor2D)), bias), x),
 * });
 * const run = await model.layer(cross).fit(data);
 */
export function layer<P extends string = never>(name: string, definition: LayerDefinition<P>): CustomLayer {
  const parameters = definition.parameters ?? (() => ({}));
  const made: CustomLayer = {
    kind: "layer",
    name,
    parameters,
    apply: definition.apply as unknown as CustomLayer["apply"],
    toJSON: () => ({ kind: "layer", name, source: `${parameters}\n${definition.apply}` }),
  };
  return Object.freeze(made);
}

/** The output of a model's layers, applied in order. */
export function modelLayers(feeds: Feeds, x: tf.Tensor2D): tf.Tensor2D {
  return feeds.plan.layers.reduce(
    (hidden, layer) =>
      layer.cross === null ? applyLayer(feeds, layer, hidden) : crossLayers(feeds, layer.cross, hidden),
    x,
  );
}

/** @throws EngineError with the layer's name if its function throws or returns anything else than such a tensor. */
function applyLayer(feeds: Feeds, { name, input, parameters, apply }: ModelLayerPlan, x: tf.Tensor2D): tf.Tensor2D {
  const prefix = `model.layers.${name}.`;
  const tensors = Object.fromEntries(
    parameters.map((parameter) => [parameter.name.slice(prefix.length), feeds.tensor(parameter.name)]),
  );
  let result: unknown;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Math.max(stackTraceLimit, 50); // TF.js's frames precede the user's
  try {
    result = apply?.(x as never, tensors as never, input);
  } catch (cause) {
    if (cause instanceof PepnetError) throw cause;
    const place = cause instanceof Error ? userPlace(cause.stack ?? "") : null;
    const message = cause instanceof Error ? cause.message : String(cause);
    const where = place === null ? "" : ` at ${place.text}`;
    throw new EngineError({ path: `layers.${name}`, message: `its apply failed${where}: ${message}`, cause });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const shape = (result as Partial<tf.Tensor> | undefined)?.shape;
  if (Array.isArray(shape) && shape.length === 2 && shape.every((dim, axis) => dim === x.shape[axis])) {
    return result as tf.Tensor2D;
  }
  if (result instanceof Promise) {
    result.catch(() => undefined); // rejected here already
    const fix = "remove async and await: tensors are computed synchronously";
    throw new EngineError({ path: `layers.${name}`, message: "its apply returns a promise instead of a tensor", fix });
  }
  throw new EngineError({
    path: `layers.${name}`,
    message: "its apply must return a tensor with the shape of its input",
    received: Array.isArray(shape) ? `[${["rows", ...shape.slice(1)].join(", ")}]` : String(result),
    expected: `[rows, ${input.width}]`,
    fix: "multiply by a parameter of shape [columns, input.width] to restore the width",
  });
}
