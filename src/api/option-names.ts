/** The options of each call by name: JavaScript, and options that were put together before, meet no compiler. */

import { DataError } from "../errors/index.js";
import type { AuditOptions } from "../gates/audit.js";
import { emptySpec } from "../spec/model.js";
import { checkOptions } from "../spec/validate/checks.js";
import type { SignalOptions } from "../util/interrupt.js";
import type { DatasetOptions } from "./data/dataset.js";
import type { ExportTorchEasyRecOptions } from "./export.js";
import type { LoadOptions } from "./model/load-run.js";
import type { SuggestDomainOptions } from "./model/suggest-domain.js";
import type { SuggestOptions } from "./model/suggest-model.js";
import type { ReportOptions } from "./report-options.js";
import type {
  CompareOptions,
  DialOptions,
  EvaluationOptions,
  RunCalibrationOptions,
  RunConflictsOptions,
  RunCounterfactualOptions,
  RunExplainOptions,
  RunGatesOptions,
  RunImportanceOptions,
  RunRecalibrationOptions,
} from "./run/options.js";
import type { ServedModelOptions } from "./served-model.js";
import type { WritePredictionsOptions } from "./stream.js";
import type { TransferForecastOptions, TransferOptions } from "./study/transfer.js";
import type { AblationOptions, StudyRequest } from "./study/variants.js";
import type { FitOptions } from "./training/engines.js";
import type { EstimateOptions } from "./training/estimate.js";

interface OptionsOf {
  readonly dataset: DatasetOptions;
  readonly loadRun: LoadOptions;
  readonly loadModel: ServedModelOptions;
  readonly suggestModel: SuggestOptions;
  readonly suggestDomain: SuggestDomainOptions;
  readonly fit: FitOptions;
  readonly ablate: AblationOptions & Pick<StudyRequest, "variants">;
  readonly transfer: TransferOptions & TransferForecastOptions;
  readonly estimate: EstimateOptions;
  readonly exportTorchEasyRec: ExportTorchEasyRecOptions;
  readonly predict: SignalOptions;
  readonly writePredictions: WritePredictionsOptions;
  readonly evaluate: EvaluationOptions;
  readonly calibration: RunCalibrationOptions;
  readonly recalibrate: RunRecalibrationOptions;
  readonly compare: CompareOptions;
  readonly gates: RunGatesOptions;
  readonly counterfactual: RunCounterfactualOptions;
  readonly importance: RunImportanceOptions;
  readonly audit: AuditOptions;
  readonly conflicts: RunConflictsOptions;
  readonly explain: RunExplainOptions;
  readonly dial: DialOptions;
  readonly report: ReportOptions;
}

export type CallWithOptions = keyof OptionsOf;

const names = {
  dataset: [
    "cache",
    "memoryMB",
    "header",
    "names",
    "separator",
    "nulls",
    "encoding",
    "types",
    "signal",
    "user",
    "item",
    "time",
    "session",
    "sessionGap",
    "zone",
  ],
  loadRun: ["which", "layers", "engine", "threads"],
  loadModel: ["threads"],
  suggestModel: ["labels", "domain", "user", "item", "signal"],
  suggestDomain: ["label", "candidates", "user", "item", "session", "time", "rows", "seed", "signal"],
  fit: [
    "metrics",
    "validation",
    "steps",
    "epochs",
    "seed",
    "seeds",
    "earlyStopping",
    "evaluationsPerEpoch",
    "weights",
    "weightMap",
    "optimizer",
    "vectors",
    "checkpoints",
    "threads",
    "tensorboard",
    "gates",
    "quiet",
    "engine",
    "onNonFinite",
    "signal",
    "onStep",
    "onEvaluation",
    "onProgress",
  ],
  ablate: [
    "variants",
    "validation",
    "seeds",
    "modelSeeds",
    "design",
    "budget",
    "tasks",
    "metric",
    "matters",
    "level",
    "draws",
    "earlyStopping",
    "evaluationsPerEpoch",
    "cache",
    "threads",
    "parallel",
    "signal",
    "onRun",
    "quiet",
    "engine",
    "user",
  ],
  transfer: [
    "seeds",
    "earlyStopping",
    "together",
    "halves",
    "forecast",
    "signal",
    "validation",
    "tasks",
    "metric",
    "matters",
    "level",
    "draws",
    "cache",
    "threads",
    "parallel",
    "onRun",
    "quiet",
    "engine",
    "user",
  ],
  estimate: ["rows", "epochs", "seconds", "parallel", "engine", "threads", "signal"],
  exportTorchEasyRec: ["folder", "validation", "shuffle", "paths", "signal"],
  predict: ["signal"],
  writePredictions: ["path", "reserve", "everyDomain", "signal"],
  evaluate: ["intervals", "by", "references", "metrics", "user", "signal"],
  calibration: ["bins", "level", "user", "signal"],
  recalibrate: ["by", "user", "signal"],
  compare: ["tasks", "names", "draws", "seed", "level", "user", "signal"],
  gates: ["details", "signal", "rows", "seed", "user"],
  counterfactual: ["changes", "signal", "rows", "seed", "user"],
  importance: ["signal", "matters", "rows", "seed", "of", "groups", "permutations", "user"],
  audit: ["rows", "seed", "signal"],
  conflicts: ["signal", "rows", "seed", "user"],
  explain: ["row", "rows", "seed", "signal"],
  dial: ["study", "rows", "seed", "signal", "user"],
  report: [
    "path",
    "training",
    "user",
    "baseline",
    "baselineName",
    "study",
    "sections",
    "title",
    "rows",
    "overwrite",
    "signal",
  ],
} as const satisfies { [Call in CallWithOptions]: readonly (keyof OptionsOf[Call])[] };

type Missing = { [Call in CallWithOptions]: Exclude<keyof OptionsOf[Call], (typeof names)[Call][number]> };
/** The compiler names an option that is missing in `names`. */
const missing: [Missing[CallWithOptions]] extends [never] ? null : Missing[CallWithOptions] = null;
void missing;

/** Throws a DataError with every option that the call does not have, and a suggestion for each. */
export function checkCall(call: CallWithOptions, options: object | null | undefined, path: string = call): void {
  if (options != null) checkOptions(path, options, names[call], DataError, call === "fit" ? ofTraining : undefined);
}

function ofTraining(name: string): string | undefined {
  return name in emptySpec.training
    ? `settings of the training are the model's: model.train({ ${name}: … }).fit(data)`
    : undefined;
}
