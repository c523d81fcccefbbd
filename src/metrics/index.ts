/** AUC, log loss, calibration and errors: functions of predictions and labels. */
export * from "./auc.js";
export * from "./bootstrap.js";
export * from "./calibration-error.js";
export * from "./pointwise.js";
export * from "./streaming-auc.js";
export * from "./types.js";
