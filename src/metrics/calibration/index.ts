/**
 * Calibration: predicted against observed rates.
 */
export type { CalibrationCurve, CalibrationOptions, CalibrationReport, TaskCalibration } from "./calibration-curve.js";
export { equalMassEnds } from "./calibration-error.js";
export { withRatios } from "./calibration-ratio.js";
