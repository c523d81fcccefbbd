/**
 * A custom layer between the embeddings and EPNet: a name, trainable parameters, and a function written in TF.js.
 * TorchEasyRec cannot express custom layers, so config export rejects them by name. This file avoids TF.js's types,
 * which would add a second to the first cell of a notebook; `pepnet/nn` has the typed constructor.
 */
import { SpecError } from "../errors/index.js";
import { type CrossNetwork, crossParameters } from "./cross-network.js";
import { show } from "./validate/checks.js";

/** The columns of one feature in a layer's input. */
export interface LayerField {
  readonly feature: string;
  readonly start: number;
  readonly width: number;
}

/** The input of a layer: the concatenated embeddings of the group `all`. */
export interface LayerInput {
  readonly width: number;
  readonly fields: readonly LayerField[];
}

/** A trainable tensor of a layer. */
export interface LayerParameter {
  readonly shape: readonly number[];
  /** A number, or uniform in ± a bound. Default: 0 for vectors, ± 1/√(last dimension) for matrices (PyTorch). */
  readonly init?: number | { readonly uniform: number };
}

/** A layer made by `layer(name, { parameters, apply })` of `pepnet/nn`. */
export interface CustomLayer {
  readonly kind: "layer";
  /** The layer's name, also part of its parameters' names. */
  readonly name: string;
  /** The trainable parameters, by name. */
  readonly parameters: (input: LayerInput) => Readonly<Record<string, LayerParameter>>;
  /** Maps [rows, width] to [rows, width], in TF.js. */
  readonly apply: (x: never, parameters: never, input: LayerInput) => unknown;
  /** A saved run contains only the layer's name and source: code is never loaded from a file. */
  toJSON(): { readonly kind: "layer"; readonly name: string; readonly source: string };
}

/** A layer between the embeddings and EPNet. */
export type ModelLayer = CustomLayer | CrossNetwork;

/** Layers whose code is the user's: it can neither be saved nor sent to a thread. */
export function customLayersOf(layers: readonly ModelLayer[]): CustomLayer[] {
  return layers.filter((each) => each.kind === "layer");
}

export interface NamedLayerParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init:
    | { readonly kind: "uniform"; readonly bound: number }
    | { readonly kind: "constant"; readonly value: number };
}

/** Parameters `model.layers.{layer}.{parameter}`. @throws SpecError for an invalid shape or initial value */
export function layerParameters(layer: ModelLayer, input: LayerInput): NamedLayerParameter[] {
  const parameters: Readonly<Record<string, LayerParameter>> =
    layer.kind === "cross" ? crossParameters(layer, input.width) : layer.parameters(input);
  return Object.entries(parameters).map(([name, { shape, init }]) => {
    const path = `layers.${layer.name}.${name}`;
    if (!Array.isArray(shape) || !shape.every((dim) => Number.isInteger(dim) && dim > 0)) {
      const expected = "a list of positive integers, such as [input.width, 8]";
      throw new SpecError({ path, message: "not a valid shape", received: show(shape), expected });
    }
    return { name: `model.${path}`, shape, init: checkedInit(path, shape, init) };
  });
}

function checkedInit(
  path: string,
  shape: readonly number[],
  init: LayerParameter["init"],
): NamedLayerParameter["init"] {
  if (init === undefined && shape.length < 2) return { kind: "constant", value: 0 };
  if (init === undefined) return { kind: "uniform", bound: 1 / Math.sqrt(shape.at(-1)!) };
  if (typeof init === "number" && Number.isFinite(init)) return { kind: "constant", value: init };
  if (typeof init === "object" && Number.isFinite(init.uniform)) return { kind: "uniform", bound: init.uniform };
  const expected = "a number, or { uniform: bound }";
  throw new SpecError({ path, message: "not a valid initial value", received: show(init), expected });
}
