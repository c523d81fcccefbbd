/** Gamma under the hand. */
export { Dial, type DialGammas, type DialSetting, type MovedRowsOptions, openDial } from "./dial.js";
export { scaledModel, withGammas } from "./scaled-model.js";
