/** Charts of studies: variants compared with the model. */

export { studyCurvesChart } from "./curves.js";
export { type DialPosition, dialResponsesChart } from "./dial.js";
export { studyDomainsChart } from "./domains.js";
export { studyForestChart } from "./forest.js";
export { studyGatesChart } from "./gates.js";
export { studyResponsesChart } from "./responses.js";
export { studySurfacesChart } from "./surfaces.js";
