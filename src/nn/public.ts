/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" preserve="true" />
/// <reference types="long" preserve="true" />
/**
 * `pepnet/nn`: what layers of one's own are written with. TF.js's core comes along, the same one that the engines use.
 *
 * @module pepnet/nn
 */
export * as tf from "@tensorflow/tfjs-core";
export type { CustomLayer, LayerField, LayerInput, LayerParameter } from "../spec/index.js";
export { detach as stopGradient } from "./gates/detach.js";
export { type LayerDefinition, layer } from "./layers/custom-layer.js";

// TF.js's core and not the whole: the whole's declarations are valid under no compiler that checks them. Theirs name
// this, which the `dom` library of TypeScript 5.0 does not have; later ones add to it.
declare global {
  interface VideoFrame {}
}

// Not an import, which would be in the declarations: gradients, and operations as methods of tensors.
require("@tensorflow/tfjs");
