/** Rows that are examined. */
export { type SampleOptions, sampleRows } from "./sample.js";
export { takeEncoded } from "./take-encoded.js";
