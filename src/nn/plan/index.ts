/**
 * A model as shapes, names and inputs, before anything is computed. Does not load TF.js.
 */
export {
  type DropoutSite,
  dropoutSites,
  type GateOutputPlan,
  gateOutputs,
  gatePaths,
  overrideEntries,
  type ProgramName,
  sessionInputs,
  signatureOf,
} from "./inputs.js";
export { buffers, denseParameters, fillInitial, type Parameter } from "./parameters.js";
export {
  batchNorms,
  embeddingName,
  epnetGateName,
  groupsOf,
  needsWholeBatch,
  type Plan,
  planModel,
  ppnetGateName,
  ppnetLinearName,
  sendablePlan,
  type TaskPlan,
  towerName,
} from "./plan.js";
