/** The format of `encoders.json`, and the inputs that it describes. Loads nothing else. */
export type * from "./encoder-types.js";
export { type RowRange, type ServedInput, type ServedPort, servedPorts } from "./ports.js";
