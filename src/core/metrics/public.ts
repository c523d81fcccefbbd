/** `pepnet/metrics`: metrics, intervals and tests on arrays of scores and labels. @module pepnet/metrics */
export { aucsByGroup, exactAuc, type GroupAuc, groupedAuc, multiclassAuc, thresholdAuc } from "./auc.js";
export {
  type CalibrationBin,
  type CalibrationBins,
  type CalibrationCurve,
  type CalibrationOptions,
  type CalibrationRatio,
  type CalibrationReport,
  calibrationCurve,
  expectedCalibrationError,
  type TaskCalibration,
} from "./calibration-curve.js";
export {
  type ComparedCell,
  type Comparison,
  type ComparisonMethod,
  comparisonVerdict,
  type Difference,
  type TaskComparison,
  type Verdict,
} from "./comparison-verdict.js";
export type * from "./curve-types.js";
export { type AucDifference, type DeLongOptions, deLong } from "./delong.js";
export type { CountedRows, Drift, RateDrift } from "./drift.js";
export { groupsApart, withGroupsApart } from "./intervals/apart.js";
export type { Interval } from "./intervals/bootstrap.js";
export type { RateNoise } from "./intervals/clusters.js";
export {
  accuracy,
  boundedNormalizedEntropy,
  calibration,
  classLogLoss,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  normalizedEntropy,
  pointClassLogLoss,
  pointLogLoss,
  rootMeanSquaredError,
  topKAccuracy,
} from "./intervals/drawn-cell.js";
export { criticalZ, differenceP, holm } from "./intervals/normal.js";
export {
  type Evaluated,
  type EvaluationPoint,
  type LearningCurves,
  learningCurves,
  type TaskLearningCurves,
} from "./learning-curves.js";
export { groupedXauc, xauc } from "./ordered-pairs.js";
export { type ScoreCurveOptions, scoreCurve } from "./score-curve.js";
export type * from "./types.js";
