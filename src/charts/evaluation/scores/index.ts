/** Charts of scores: curves of thresholds, lift, and distributions by class. */

export { scoresChart } from "./distribution.js";
export { domainScoresChart } from "./domain-distribution.js";
export { liftChart } from "./lift.js";
export { precisionChart } from "./precision.js";
export { rocChart } from "./roc.js";
