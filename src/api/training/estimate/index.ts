/** An estimate of training time and memory on this machine. */

export { estimateModel } from "./estimate.js";
export type { EstimateOptions } from "./options.js";
export { type EstimatedMemory, type EstimateParts, EstimateResult, type Seconds } from "./result.js";
