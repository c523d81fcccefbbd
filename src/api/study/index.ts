export type {
  BandPoint,
  BestLevel,
  BestPair,
  ComparisonNoise,
  FittedShape,
  Matters,
  PlanExploration,
  PlanReport,
  ResponseFit,
  ResponsePoint,
  SettingPair,
  StoppedVariant,
  StudyLook,
  StudyResponse,
  StudySurface,
  SurfaceFit,
  SurfacePoint,
  TrainedLevel,
  TrainedPair,
} from "../../ablation/index.js";
export { ablateModel } from "./ablate.js";
export type { AblationOptions, GateRows, SeedLimit, StudyProgress, StudyRequest } from "./options.js";
export { PlannedStudy, type PlanOptions, type PlanRequest, planModel } from "./plan.js";
export { type PowerQuestion, Study, type StudyChartName, type StudyPower, type StudyTableName } from "./study.js";
export type { ListedVariant, ModelFunction, WrittenVariants } from "./variants.js";
export {
  type Baseline,
  baselines,
  type MmoeOptions,
  mmoe,
  type NamedBaseline,
  sharedBottom,
  singleDomain,
} from "./variants.js";
