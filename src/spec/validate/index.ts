/**
 * Validation rules of a model, for builders and configs.
 */
export { checkKnown, checkName, checkUnique, show } from "./checks.js";
export { featureProblems, sharedTableProblems } from "./feature.js";
export { structureProblems } from "./model.js";
export { domainCountMismatch, domainProblems, epnetProblems, groupProblems, ppnetProblems } from "./modules.js";
export { sequenceProblems } from "./sequences.js";
export { towerProblems } from "./tower.js";
export { trainingProblems } from "./training.js";
