/**
 * A model as shapes, names and inputs, before anything is computed. Does not load TF.js.
 */

export type { GroupDims } from "./dims.js";
export { type DropoutSite, dropoutSites } from "./dropout-sites.js";
export {
  type GateOutputPlan,
  gateOutputs,
  gatePaths,
  overrideEntries,
  type ProgramInput,
  type ProgramName,
  programSignature,
  sessionInputs,
} from "./inputs.js";
export {
  batchNorms,
  embeddingName,
  epnetGateName,
  groupNames,
  matrixNames,
  needsWholeBatch,
  ppnetGateName,
  ppnetLinearName,
  readEncoders,
  readViews,
  towerName,
  viewMatrices,
  weightingEncoders,
} from "./names.js";
export { buffers, denseParameters, fillInitial, type Parameter } from "./parameters.js";
export { type Plan, planModel, sendablePlan, type TaskPlan } from "./plan.js";
export { trainedName } from "./projections.js";
export type { EncoderPlan, SequenceView } from "./sequences.js";
