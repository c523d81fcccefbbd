/** The command `pepnet train`. */
import { type Command, InvalidArgumentError } from "commander";
import type { Pipeline, PipelineEdits } from "../../api/pipeline.js";
import type { EngineChoice, FitOptions } from "../../api/training/engines.js";
import { CheckpointError } from "../../core/errors/index.js";
import { attempt } from "../../core/util/attempt.js";
import { isObject } from "../../core/util/json.js";
import { createLog } from "./log.js";
import {
  describedCommand,
  engineChoice,
  integer,
  openRows,
  type RowsOptions,
  readConfig,
  requiredText,
} from "./options.js";
import { type Signals, watchSignals } from "./signals.js";

type ParameterMap = NonNullable<FitOptions["weightMap"]>;
type NewDomains = NonNullable<FitOptions["newDomains"]>;

interface TrainOptions
  extends EngineChoice,
    RowsOptions,
    Pick<FitOptions, "weightMap" | "newDomains" | "seed" | "tensorboard"> {
  readonly config: string;
  readonly edit?: PipelineEdits;
  readonly train?: string;
  readonly eval?: string | boolean;
  readonly out?: string;
  readonly weights?: string;
  readonly optimizer?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly saveSteps?: number;
  readonly keepCheckpoints?: number;
  readonly logSteps?: number;
  readonly skipNonFinite?: boolean;
  readonly json?: boolean;
}

export function trainCommand(): Command {
  return describedCommand("train", {
    "--weight-map": parameterMap,
    "--new-domains": newDomainsOf,
    "--seed": integer(0),
    "--save-steps": integer(1),
    "--keep-checkpoints": integer(1),
    "--log-steps": integer(1),
  }).action(train);
}

async function train(options: TrainOptions, command: Command): Promise<void> {
  const { resume, overwrite, weights, weightMap, newDomains, optimizer } = options;
  if (resume && overwrite) command.error("error: --resume and --overwrite exclude each other");
  if (resume && weights !== undefined) {
    command.error("error: --weights starts a run, --resume continues one: they exclude each other");
  }
  if (weightMap !== undefined && weights === undefined) command.error("error: --weight-map needs --weights");
  if (newDomains !== undefined && weights === undefined) command.error("error: --new-domains needs --weights");
  if (optimizer !== undefined && weights === undefined) command.error("error: --optimizer needs --weights");
  const config = await readConfig(options.config, options.edit);
  const log = createLog(options.json, options.logSteps ?? config.trainNumber("log_step_count_steps") ?? undefined);
  const { spec } = config.model();
  for (const note of config.trainingNotes()) log.note(note);
  const folder = options.out ?? requiredText(config, "model_dir", "--out");
  const rows = options.train ?? requiredText(config, "train_input_path", "--train");
  const { modelFromSpec } = await import("../../api/model/model.js");
  const { trainModel } = await import("../../api/training/fit.js");
  const signals = watchSignals(log);
  const opened = (paths: string) => signals.unlessStopped(openRows(paths, options));
  try {
    const evaluated = evaluatedPaths(config, options);
    if (evaluated === null) log.note("no evaluation rows");
    const training = await opened(rows); // its place is named first: the other's may be of the config
    const fitted = fitOptions(config, folder, options, signals, evaluated === null ? null : await opened(evaluated));
    const logged: FitOptions = {
      ...fitted,
      onStep: (step) => log.step(step),
      onEvaluation: ({ evaluation, ...at }) => log.evaluation(evaluation, at),
    };
    const { run, steps, totalSteps } = await trainModel(spec, modelFromSpec, training, logged, {
      onNote: (text) => log.note(text),
      waitFor: (work) => signals.unlessStopped(work),
      checkpointSteps: (stepsPerEpoch) => checkpointSteps(config, stepsPerEpoch),
      mustSave: true,
    }).catch(namingOptions);
    await run.dispose();
    log.line("saved", { step: steps, total_steps: totalSteps, path: folder });
    if (run.interrupted) {
      log.note(`stopped at step ${steps} of ${totalSteps}; --resume continues`);
      process.exitCode = signals.exitCode ?? 1;
    }
  } finally {
    log.end();
    signals.stop();
  }
}

function evaluatedPaths(config: Pipeline, options: TrainOptions): string | null {
  if (options.eval === false) return null;
  return typeof options.eval === "string" ? options.eval : config.text("eval_input_path");
}

function fitOptions(
  config: Pipeline,
  folder: string,
  options: TrainOptions,
  { signal }: Signals,
  validation: FitOptions["validation"],
): FitOptions {
  const { seed, weights, weightMap, newDomains, optimizer, tensorboard, saveSteps } = options;
  return {
    ...engineChoice(options),
    seed,
    weights,
    weightMap,
    newDomains,
    optimizer,
    tensorboard,
    signal,
    validation,
    checkpoints: {
      folder,
      existing: options.resume ? "resume" : options.overwrite ? "overwrite" : "refuse",
      keep: options.keepCheckpoints ?? config.trainNumber("keep_checkpoint_max") ?? undefined,
      everySteps: saveSteps,
    },
    evaluationsPerEpoch: 1,
    onNonFinite: options.skipNonFinite ? "skip" : "stop",
    quiet: true,
  };
}

function checkpointSteps(config: Pipeline, stepsPerEpoch: number): number {
  const epochs = config.trainNumber("save_checkpoints_epochs");
  return epochs === null ? (config.trainNumber("save_checkpoints_steps") ?? 1000) : epochs * stepsPerEpoch;
}

function parameterMap(text: string): ParameterMap {
  const map: unknown = attempt(() => JSON.parse(text), null);
  if (isObject(map) && Object.values(map).every((name) => name === null || typeof name === "string"))
    return map as ParameterMap;
  throw new InvalidArgumentError('expected an object such as {"model.ppnet.*": null}');
}

function newDomainsOf(text: string): NewDomains {
  const starts: unknown = attempt(() => JSON.parse(text), null);
  const isDomain = (from: unknown): boolean => typeof from === "string" || typeof from === "number";
  const isStart = (from: unknown): boolean => from === null || [from].flat().every(isDomain);
  if (isObject(starts) && Object.values(starts).every(isStart)) return starts as NewDomains;
  throw new InvalidArgumentError('expected an object such as {"live": "feed"}');
}

function namingOptions(error: unknown): never {
  const problem = error instanceof CheckpointError ? error.problems[0] : undefined;
  if (problem?.kind !== "folder contains a run") throw error;
  const fix = "--resume continues it, --overwrite replaces it, --out uses another folder";
  throw new CheckpointError({ ...problem, fix });
}
