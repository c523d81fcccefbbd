/** Gamma under the hand. */
export { Dial, type DialPart, type DialSetting, type MovedRowsOptions, openDial } from "./dial.js";
export type { DialGrid, DialReportOptions } from "./frames.js";
export { scaledModel, withGammas } from "./scaled-model.js";
export type { DialGammas } from "./state.js";
