/** AUC, log loss, calibration and errors: functions of predictions and labels. */
export * from "./auc.js";
export * from "./bootstrap.js";
export * from "./calibration-curve.js";
export { type CalibrationBins, expectedCalibrationError } from "./calibration-error.js";
export type * from "./comparison-types.js";
export * from "./comparison-verdict.js";
export * from "./delong.js";
export * from "./holm.js";
export * from "./learning-curves.js";
export * from "./matrix.js";
export * from "./pointwise.js";
export * from "./streaming-auc.js";
export * from "./types.js";
