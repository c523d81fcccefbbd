/**
 * `pepnet/nn`: what layers of one's own are written with. TF.js comes along, the same one that the engines use.
 *
 * @module pepnet/nn
 */
export * as tf from "@tensorflow/tfjs";
export type { CustomLayer, LayerField, LayerInput, LayerParameter } from "../spec/index.js";
export { type LayerDefinition, layer } from "./custom-layer.js";
export { detach as stopGradient } from "./detach.js";
