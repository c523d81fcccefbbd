import { Command, InvalidArgumentError } from "commander";
import type { Pipeline, PipelineEdits } from "../api/pipeline.js";
import type { EngineChoice, FitOptions } from "../api/training/engines.js";
import type { TrainingHooks } from "../api/training/fit.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { CheckpointError } from "../errors/index.js";
import { isObject } from "../util/random.js";
import { createLog } from "./log.js";
import {
  editOption,
  engineChoice,
  integer,
  openRows,
  readConfig,
  requiredText,
  withCsvOptions,
  withEngineOptions,
} from "./options.js";
import { type Log, type Signals, watchSignals } from "./signals.js";

type ParameterMap = NonNullable<FitOptions["weightMap"]>;

interface TrainOptions extends EngineChoice, CsvOptions, Pick<FitOptions, "weightMap" | "seed"> {
  readonly config: string;
  readonly edit?: PipelineEdits;
  readonly train?: string;
  readonly eval?: string | boolean;
  readonly out?: string;
  readonly weights?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly saveSteps?: number;
  readonly keepCheckpoints?: number;
  readonly logSteps?: number;
  readonly skipNonFinite?: boolean;
  readonly json?: boolean;
}

const help = `
Paths, in the config and here, are relative to where you run the command, as in TorchEasyRec: a file, a glob, a folder
of Parquet or CSV files, or several separated by commas.

At a terminal, a progress bar shows speed and remaining time, and a table the last evaluation. Piped, or with --json,
standard output has one line per logged step, with its losses:
  step step=90 total_steps=98 epoch=0.918367 rows_per_second=31250 loss=0.52 binary_cross_entropy_ctr=0.31 …
then, after each epoch and at the end, one line per task and domain:
  metric step=98 task=ctr domain=all within=all rows=50000 positives=5012 auc=0.73 log_loss=0.3 … config.auc=0.73
  metric step=98 task=ctr domain=0 domain_name=feed within=all rows=29251 …
and finally:  saved step=98 total_steps=98 path=model
Notes and errors go to standard error.

The run folder has spec.json, history.json, weights.safetensors (TorchEasyRec's parameter names) and the state for
--resume; during training also checkpoints, such as checkpoint-1000: the newest and the best. Each lists its files in
checksums.sha256 (sha256sum -c checks them). A killed or stopped run that is resumed ends with the same bytes of
weights as an uninterrupted run, given the same engine and number of threads.

Exit codes: 0 trained, 1 an error (nothing half-written), 2 misused; 130 stopped by Ctrl-C, 143 by SIGTERM and 129 by a
closed terminal: the running step is finished and saved, even if the output is closed; --resume continues.

Examples:
  pepnet train --config pipeline.config --out runs/tuned --weights runs/first --weight-map '{"model.ppnet.*": null}'
  pepnet train --config pipeline.config --train 'logs/2024-*.parquet' --eval test.parquet --out runs/first \\
    --edit '{"model_config.pepnet.epnet_gamma": 1, "train_config.num_epochs": 2}'`;

export function trainCommand(): Command {
  const command = new Command("train")
    .description("Train the PEPNet of a TorchEasyRec config, evaluate it and save the run.")
    .requiredOption("--config <file>", "pipeline.config, or a .json of it")
    .option(...editOption)
    .option("--train <paths>", "training rows (default: the config's train_input_path)")
    .option("--eval <paths>", "rows to evaluate on (default: the config's eval_input_path)")
    .option("--no-eval", "do not evaluate")
    .option("--out <folder>", "the run's folder (default: the config's model_dir)")
    .option("--resume", "resume the run in that folder, or start a new one")
    .option("--overwrite", "replace the run in that folder")
    .option(
      "--weights <file>",
      "start from these weights: safetensors (TorchEasyRec's parameter names) or a run's folder",
    )
    .option(
      "--weight-map <json>",
      "name in --weights that each parameter starts from; null: initialize it",
      parameterMap,
    )
    .option("--seed <n>", "seed of initial weights, shuffling and dropout", integer(0))
    .option("--save-steps <n>", "steps between checkpoints (default: the config's save_checkpoints_steps)", integer(1))
    .option(
      "--keep-checkpoints <n>",
      "checkpoints kept besides the best (default: the config's keep_checkpoint_max, else 2)",
      integer(1),
    )
    .option("--log-steps <n>", "steps between log lines (default: the config's log_step_count_steps)", integer(1))
    .option("--skip-non-finite", "skip steps with a non-finite loss instead of stopping with an error")
    .option("--json", "print log lines as JSON objects");
  return withEngineOptions(withCsvOptions(command)).addHelpText("after", help).action(train);
}

async function train(options: TrainOptions, command: Command): Promise<void> {
  refuseTogether(options, command);
  const config = await readConfig(options.config, options.edit);
  const every = options.logSteps ?? config.trainNumber("log_step_count_steps") ?? undefined;
  const log = createLog(options.json, every);
  const { spec } = config.model();
  for (const note of config.trainingNotes()) log.note(note);
  const folder = options.out ?? requiredText(config, "model_dir", "--out");
  const rows = options.train ?? requiredText(config, "train_input_path", "--train");
  const { modelFromSpec } = await import("../api/model/model.js");
  const { trainModel } = await import("../api/training/fit.js");
  const signals = watchSignals(log);
  const opened = (paths: string) => signals.unlessStopped(openRows(paths, options));
  try {
    const evaluated = evaluatedPaths(config, options);
    if (evaluated === null) log.note("no evaluation rows");
    const validation = evaluated === null ? null : await opened(evaluated);
    const fitted = fitOptions(config, folder, options, signals, validation);
    const { run, steps, totalSteps } = await trainModel(
      spec,
      modelFromSpec,
      await opened(rows),
      fitted,
      trainingHooks(config, signals, log),
    ).catch(namingOptions);
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

function refuseTogether(options: TrainOptions, command: Command): void {
  const { resume, overwrite, weights, weightMap } = options;
  if (resume && overwrite) command.error("error: --resume and --overwrite exclude each other");
  if (resume && weights !== undefined) {
    command.error("error: --weights starts a run, --resume continues one: they exclude each other");
  }
  if (weightMap !== undefined && weights === undefined) command.error("error: --weight-map needs --weights");
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
  const { seed, weights, weightMap, saveSteps } = options;
  return {
    ...engineChoice(options),
    ...{ seed, weights, weightMap, signal },
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

function trainingHooks(config: Pipeline, signals: Signals, log: Log): TrainingHooks {
  return {
    onNote: (text) => log.note(text),
    onStep: (step) => log.step(step),
    onEvaluation: ({ evaluation, ...at }) => log.evaluation(evaluation, at),
    waitFor: (work) => signals.unlessStopped(work),
    checkpointSteps: (stepsPerEpoch) => checkpointSteps(config, stepsPerEpoch),
    mustSave: true,
  };
}

function checkpointSteps(config: Pipeline, stepsPerEpoch: number): number {
  const epochs = config.trainNumber("save_checkpoints_epochs");
  return epochs === null ? (config.trainNumber("save_checkpoints_steps") ?? 1000) : epochs * stepsPerEpoch;
}

function parameterMap(text: string): ParameterMap {
  const bad = 'an object such as {"model.ppnet.*": null}';
  try {
    const map: unknown = JSON.parse(text);
    if (isObject(map) && Object.values(map).every((name) => name === null || typeof name === "string"))
      return map as ParameterMap;
  } catch {
    // rejected below
  }
  throw new InvalidArgumentError(`expected ${bad}`);
}

function namingOptions(error: unknown): never {
  const problem = error instanceof CheckpointError ? error.problems[0] : undefined;
  if (problem?.kind !== "folder contains a run") throw error;
  throw new CheckpointError({
    ...problem,
    fix: "--resume continues it, --overwrite replaces it, --out uses another folder",
  });
}
