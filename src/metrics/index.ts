/** AUC, log loss, calibration and errors: functions of predictions and labels. */
export * from "./auc.js";
export * from "./bootstrap.js";
export type * from "./calibration-curve.js";
export * from "./calibration-error.js";
export type * from "./comparison-types.js";
export type * from "./learning-curves.js";
export type * from "./matrix.js";
export * from "./pointwise.js";
export * from "./streaming-auc.js";
export * from "./types.js";
