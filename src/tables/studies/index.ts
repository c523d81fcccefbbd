/** Columns of studies. */

export { studyConclusions } from "./conclusions.js";
export { type CurvePoint, curvePoints, studyCurvesSheet } from "./curves.js";
export { gateSites, studyGatesSheet, type VariantGate, variantGate, variantsWithGates } from "./gates.js";
export { bestPairText, bestText, pairName } from "./response-text.js";
export { studyResponsePointsSheet, studyResponsesSheet, studySurfacesSheet } from "./responses.js";
export { studyRunsSheet } from "./runs.js";
export { studyCells, studyDomainsSheet, studySheet } from "./study.js";
