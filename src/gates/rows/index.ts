export { type SampleOptions, sampleRows } from "./sample.js";
export { copyRows, takeEncoded } from "./take-encoded.js";
