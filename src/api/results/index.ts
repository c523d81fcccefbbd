/** Results of runs: evaluations, comparisons, gates and their effects. */

export { CalibrationResult } from "./calibration.js";
export { ComparisonResult } from "./comparison.js";
export { CounterfactualResult } from "./counterfactual.js";
export { type EvaluationChartName, EvaluationResult } from "./evaluation.js";
export { ExplanationResult } from "./explanation.js";
export { FieldRankingResult } from "./field-ranking.js";
export { type GateChartName, GatesResult, type GateTableName } from "./gates.js";
export { LearningCurvesResult } from "./learning-curves.js";
