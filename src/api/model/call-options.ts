/** The options of a model's calls. JavaScript, and options that were built earlier, are not checked by the compiler. */
import { DataError } from "../../core/errors/index.js";
import { emptySpec } from "../../core/spec/model.js";
import { checkOptions, type OptionNames } from "../../core/spec/validate/checks.js";
import type { ExportTorchEasyRecOptions } from "../export.js";
import type { TransferOptions } from "../study/transfer.js";
import type { AblationOptions, StudyRequest } from "../study/variants.js";
import type { FitOptions } from "../training/engines.js";
import type { EstimateOptions } from "../training/estimate.js";
import type { FitDaysOptions } from "../training/fit-days.js";
import type { LaunchOptions } from "../training/launch.js";

interface OptionsOf {
  readonly fit: FitOptions;
  readonly ablate: AblationOptions & Pick<StudyRequest, "variants">;
  readonly transfer: TransferOptions;
  readonly estimate: EstimateOptions;
  readonly fitDays: FitDaysOptions;
  readonly launch: LaunchOptions;
  readonly exportTorchEasyRec: ExportTorchEasyRecOptions;
}

export type ModelCall = keyof OptionsOf;

const calls: { readonly [Call in ModelCall]: OptionNames<OptionsOf[Call]> } = {
  fit: {
    metrics: true,
    validation: true,
    steps: true,
    epochs: true,
    seed: true,
    seeds: true,
    earlyStopping: true,
    evaluationsPerEpoch: true,
    weights: true,
    weightMap: true,
    newDomains: true,
    optimizer: true,
    vectors: true,
    checkpoints: true,
    threads: true,
    tensorboard: true,
    gates: true,
    floor: true,
    cache: true,
    quiet: true,
    engine: true,
    onNonFinite: true,
    signal: true,
    onStep: true,
    onEvaluation: true,
    onProgress: true,
  },
  ablate: {
    variants: true,
    validation: true,
    seeds: true,
    modelSeeds: true,
    design: true,
    budget: true,
    tasks: true,
    metric: true,
    matters: true,
    level: true,
    draws: true,
    earlyStopping: true,
    evaluationsPerEpoch: true,
    cache: true,
    threads: true,
    parallel: true,
    signal: true,
    onRun: true,
    quiet: true,
    engine: true,
    user: true,
  },
  transfer: {
    seeds: true,
    earlyStopping: true,
    together: true,
    halves: true,
    signal: true,
    validation: true,
    tasks: true,
    metric: true,
    matters: true,
    level: true,
    draws: true,
    cache: true,
    threads: true,
    parallel: true,
    onRun: true,
    quiet: true,
    engine: true,
    user: true,
  },
  estimate: {
    rows: true,
    epochs: true,
    seconds: true,
    parallel: true,
    engine: true,
    threads: true,
    signal: true,
  },
  fitDays: {
    every: true,
    start: true,
    window: true,
    epochs: true,
    seed: true,
    matters: true,
    checkpoints: true,
    onNonFinite: true,
    onDay: true,
    user: true,
    engine: true,
    threads: true,
    signal: true,
    quiet: true,
  },
  launch: {
    domain: true,
    rows: true,
    validation: true,
    draws: true,
    epochs: true,
    seed: true,
    matters: true,
    checkpoints: true,
    onNonFinite: true,
    onTraining: true,
    user: true,
    engine: true,
    threads: true,
    signal: true,
    quiet: true,
  },
  exportTorchEasyRec: {
    folder: true,
    validation: true,
    shuffle: true,
    paths: true,
    signal: true,
  },
};

/** Throws a DataError with every option that the call does not have, and a suggestion for each. */
export function checkCall(call: ModelCall, options: object | null | undefined): void {
  if (options == null) return;
  checkOptions(
    call,
    options,
    Object.keys(calls[call]),
    DataError,
    call.startsWith("fit") ? (name) => ofTraining(name, call) : undefined,
  );
}

function ofTraining(name: string, call: ModelCall): string | undefined {
  return name in emptySpec.training
    ? `settings of the training are the model's: model.train({ ${name}: … }).${call}(data)`
    : undefined;
}
