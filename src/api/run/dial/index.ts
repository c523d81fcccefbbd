/** Gamma under the hand. */
export { Dial, type DialPart, type DialSetting, type MovedRowsOptions, openDial } from "./dial.js";
export { scaledModel, withGammas } from "./scaled-model.js";
export type { DialGammas } from "./state.js";
