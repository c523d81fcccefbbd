/**
 * Samples of rows.
 */
export { type SampleOptions, sampleRows } from "./sample.js";
export { takeEncoded } from "./take-encoded.js";
