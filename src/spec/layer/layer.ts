/**
 * A layer of the user's own, between the embeddings and EPNet: a name, what it learns, and a function written in TF.js.
 * TorchEasyRec cannot express one, so a config refuses it by its name. Without TF.js's types, which would cost the
 * first cell of a notebook a second: `pepnet/nn` has the typed way to make one.
 */
import { SpecError } from "../../errors/index.js";
import { show } from "../validate/checks.js";

/** The columns of one feature in a layer's input. */
export interface LayerField {
  /** Its name. */
  readonly feature: string;
  /** First column. */
  readonly start: number;
  /** Columns. */
  readonly width: number;
}

/** What a layer is fed: the embeddings of the group `all`, feature beside feature. */
export interface LayerInput {
  /** Columns. */
  readonly width: number;
  /** Which columns are which feature's, in order. */
  readonly fields: readonly LayerField[];
}

/** A tensor that a layer learns. */
export interface LayerParameter {
  /** Its dimensions. */
  readonly shape: readonly number[];
  /**
   * A number for all entries, or uniform in ± a bound. Default: 0 for a scalar or vector, uniform in ± 1/√(last
   * dimension) for a matrix, as PyTorch's linear layers begin.
   */
  readonly init?: number | { readonly uniform: number };
}

/** A layer as `layer(name, { parameters, apply })` of `pepnet/nn` makes it. */
export interface CustomLayer {
  readonly kind: "layer";
  /** By which the model and its parameters' names know it. */
  readonly name: string;
  /** What it learns, by name. */
  readonly parameters: (input: LayerInput) => Readonly<Record<string, LayerParameter>>;
  /** [rows, width] → [rows, width], in TF.js. */
  readonly apply: (x: never, parameters: never, input: LayerInput) => unknown;
  /** In a saved run a layer is its name and its source: code is not loaded from a file. */
  toJSON(): { readonly kind: "layer"; readonly name: string; readonly source: string };
}

/** A parameter with its full name and its initial values told. */
export interface NamedLayerParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init:
    | { readonly kind: "uniform"; readonly bound: number }
    | { readonly kind: "constant"; readonly value: number };
}

/**
 * What a layer learns in this model, named `model.layers.{layer}.{parameter}`.
 * @throws SpecError for a shape or an initial value that is none.
 */
export function layerParameters(layer: CustomLayer, input: LayerInput): NamedLayerParameter[] {
  return Object.entries(layer.parameters(input)).map(([name, { shape, init }]) => {
    const path = `layers.${layer.name}.${name}`;
    if (!Array.isArray(shape) || !shape.every((dim) => Number.isInteger(dim) && dim > 0)) {
      const expected = "a list of positive whole numbers, such as [input.width, 8]";
      throw new SpecError({ path, message: "not a shape", received: show(shape), expected });
    }
    return { name: `model.${path}`, shape, init: initOf(path, shape, init) };
  });
}

function initOf(path: string, shape: readonly number[], init: LayerParameter["init"]): NamedLayerParameter["init"] {
  if (init === undefined && shape.length < 2) return { kind: "constant", value: 0 };
  if (init === undefined) return { kind: "uniform", bound: 1 / Math.sqrt(shape.at(-1)!) };
  if (typeof init === "number" && Number.isFinite(init)) return { kind: "constant", value: init };
  if (typeof init === "object" && Number.isFinite(init.uniform)) return { kind: "uniform", bound: init.uniform };
  const expected = "a number, or { uniform: bound }";
  throw new SpecError({ path, message: "not an initial value", received: show(init), expected });
}
