/** Curves of scores: ROC, precision and recall, gains, and distributions by class. */

export type * from "./curve-types.js";
export { type ScoreCurveOptions, scoreCurve } from "./score-curve.js";
