/** AUC, log loss, calibration and errors: functions of predictions and labels. */
export * from "./auc.js";
export * from "./pointwise.js";
export * from "./types.js";
