/** AUC, log loss, calibration and errors: functions of predictions and labels. */

export * from "./auc/auc.js";
export * from "./auc/delong.js";
export * from "./auc/multiclass-auc.js";
export * from "./auc/streaming-auc.js";
export * from "./calibration/calibration-curve.js";
export { type CalibrationBins, expectedCalibrationError } from "./calibration/calibration-error.js";
export type * from "./comparison/comparison-types.js";
export * from "./comparison/comparison-verdict.js";
export * from "./curves/index.js";
export * from "./curves/learning-curves.js";
export type { CountedRows, Drift, RateDrift } from "./drift/index.js";
export { groupsApart, withGroupsApart } from "./intervals/apart.js";
export * from "./intervals/bootstrap.js";
export * from "./intervals/holm.js";
export { criticalZ, differenceP } from "./intervals/normal.js";
export * from "./matrix.js";
export * from "./ordered-pairs.js";
export * from "./pointwise.js";
export * from "./types.js";
