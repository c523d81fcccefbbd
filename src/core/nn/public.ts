/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" preserve="true" />
/// <reference types="long" preserve="true" />
/** `pepnet/nn`: tools for custom layers, and TF.js's core, the same instance that engines use. @module pepnet/nn */

export * as tf from "@tensorflow/tfjs-core";
export { type CrossNetwork, type CrossNetworkOptions, crossNetwork } from "../spec/cross-network.js";
export type { CustomLayer, LayerField, LayerInput, LayerParameter, ModelLayer } from "../spec/layer.js";
export { type LayerDefinition, layer } from "./custom-layer.js";
export { detach as stopGradient } from "./layers.js";

// TF.js's core instead of the whole: the declarations of the whole package do not compile. The core's declarations
// use this type, which the `dom` library of TypeScript 5.0 lacks; later versions extend it.
declare global {
  interface VideoFrame {}
}

// Loads gradients, and operations as methods of tensors. An import would appear in the declarations.
require("../tfjs/index.js");
