/** Columns of evaluations. */

export { calibrationSheet } from "./calibration.js";
export { type ComparedPlace, comparedPlaces, comparisonSheet, VERDICTS } from "./comparison.js";
export { curvePointsSheet, liftSheet, probability, scoreBinsSheet, scoreQuantilesSheet } from "./curves.js";
export { drillDownSheet } from "./drill-down.js";
export { evaluationSheet } from "./evaluation.js";
export { groupMetrics, groupNoun, groupRates, groupsSheet } from "./groups.js";
export { matrixSheet } from "./matrix.js";
export { byTaskAndDomain, domainColumns, type TaskDomain, taskColumns } from "./task-domain.js";
