/** Models: the fluent steps, and functions that open models. */

export { type FinishedTraining, type TrainingHooks, trainModel } from "./fit.js";
export { type LoadOptions, loadRun } from "./load-run.js";
export { modelFromSpec, type Pepnet, pepnet } from "./model.js";
export type {
  AnyModel,
  DomainColumn,
  ListedVariantOf,
  Model,
  ModelChange,
  Needs,
  Once,
  PlannedStudyOf,
  Variants,
} from "./types.js";
