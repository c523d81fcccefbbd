/** `pepnet train`: trains the PEPNet of a config, saves checkpoints on the way, and can be stopped and gone on with. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { PipelineConfig } from "../config/index.js";
import type { EncodedRows } from "../data/index.js";
import { CheckpointError, ConfigError } from "../errors/index.js";
import type { ModelSpec } from "../spec/index.js";
import type { CheckpointSeries, ParameterMap, StepReport } from "../train/index.js";
import { isObject, type JsonObject } from "../util/json.js";
import { type Edits, editOption, pipelineText, readConfig, trainNumber } from "./config-options.js";
import { type CsvChoice, withCsvOptions } from "./csv-options.js";
import { type EngineChoice, engineChoice, withEngineOptions } from "./engine-options.js";
import { createLog, type Log, logEvaluation } from "./log.js";
import { integer } from "./numbers.js";
import { encodeRows } from "./rows.js";
import { type Signals, watchSignals } from "./signals.js";

interface TrainOptions extends EngineChoice, CsvChoice {
  readonly config: string;
  readonly edit?: Edits;
  readonly train?: string;
  /** `false`: `--no-eval`. */
  readonly eval?: string | boolean;
  readonly out?: string;
  readonly weights?: string;
  readonly weightMap?: ParameterMap;
  readonly seed?: number;
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
of Parquet or CSV files, or several with commas between.

Standard output has a line for every logged step, with the losses of that step:
  step step=90 total_steps=98 epoch=0.918367 rows_per_second=31250 loss=0.52 binary_cross_entropy_ctr=0.31 …
then, after each epoch and at the end, a line per task and domain:
  metric step=98 task=ctr domain=all within=all rows=50000 positives=5012 auc=0.73 log_loss=0.3 … config.auc=0.73
  metric step=98 task=ctr domain=0 domain_name=feed within=all rows=29251 …
and at last:  saved step=98 total_steps=98 path=model
Notes and errors go to standard error.

The run folder has spec.json, history.json, weights.safetensors (TorchEasyRec's parameter names) and what --resume
needs; while it trains, checkpoint-1000 and the like: the newest and the best by its evaluation. Each lists its files in
checksums.sha256 (sha256sum -c checks them). A run that was killed or stopped and resumed ends with the same bytes of
weights as one that was not, on the same engine with the same threads.

Exit codes: 0 trained, 1 an error (nothing half-written), 2 misused; 130 stopped by Ctrl-C, 143 by SIGTERM and 129 by a
closed terminal: the running step ends and is saved, also where nobody reads the output any more; --resume continues.

Examples:
  pepnet train --config pipeline.config --out runs/tuned --weights runs/first --weight-map '{"model.ppnet.*": null}'
  pepnet train --config pipeline.config --train 'logs/2024-*.parquet' --eval test.parquet --out runs/first \\
    --edit '{"model_config.pepnet.epnet_gamma": 1, "train_config.num_epochs": 2}'`;

/** The command. */
export function trainCommand(): Command {
  const command = new Command("train")
    .description("Train the PEPNet of a TorchEasyRec config, evaluate it and save the run.")
    .requiredOption("--config <file>", "pipeline.config, or a .json of it")
    .addOption(editOption())
    .option("--train <paths>", "training rows (default: the config's train_input_path)")
    .option("--eval <paths>", "rows to evaluate on (default: the config's eval_input_path)")
    .option("--no-eval", "evaluate on nothing")
    .option("--out <folder>", "the run's folder (default: the config's model_dir)")
    .option("--resume", "go on with the run in that folder; where there is none, start")
    .option("--overwrite", "replace the run in that folder")
    .option(
      "--weights <file>",
      "start from these weights: safetensors (TorchEasyRec's parameter names) or a run's folder",
    )
    .addOption(
      new Option("--weight-map <json>", "which of --weights each parameter starts from; null: anew").argParser(
        parameterMap,
      ),
    )
    .option("--seed <n>", "seed of initial weights, shuffling and dropout", integer(0))
    .option("--save-steps <n>", "steps between checkpoints (default: the config's save_checkpoints_steps)", integer(1))
    .option(
      "--keep-checkpoints <n>",
      "checkpoints kept beside the best (default: the config's keep_checkpoint_max, else 2)",
      integer(1),
    )
    .option("--log-steps <n>", "steps between log lines (default: the config's log_step_count_steps)", integer(1))
    .option("--skip-non-finite", "leave steps out whose loss is not a finite number, instead of ending with an error")
    .option("--json", "log lines as JSON objects");
  return withEngineOptions(withCsvOptions(command)).addHelpText("after", help).exitOverride().action(train);
}

async function train(options: TrainOptions, command: Command): Promise<void> {
  if (options.resume && options.overwrite) command.error("error: --resume and --overwrite exclude each other");
  if (options.resume && options.weights !== undefined) {
    command.error("error: --weights starts a run, --resume goes on with one: they exclude each other");
  }
  if (options.weightMap !== undefined && options.weights === undefined)
    command.error("error: --weight-map needs --weights");
  const log = createLog(options.json ?? false);
  const config = await readConfig(options.config, options.edit);
  const spec = await trainedSpec(config, options);
  for (const note of configNotes(config)) log.note(note);
  const folder = options.out ?? required(config, "model_dir", options, "--out");
  const { openCheckpoints, resumedEngine } = await import("../api/training/checkpoints.js");
  const existing = options.resume ? "resume" : options.overwrite ? "overwrite" : "refuse";
  const keep = options.keepCheckpoints ?? (trainNumber(config, "keep_checkpoint_max") || undefined);
  const kept = { folder, existing, ...(keep === undefined ? {} : { keep }) } as const;
  const signals = watchSignals(log);
  try {
    const series = await openCheckpoints(spec, kept, (text) => log.note(text), signals.signal).catch(namingOptions);
    try {
      const chosen = resumedEngine(series, engineChoice(options));
      const encode = (paths: string) => signals.unlessStopped(encodeRows(paths, spec, log, options));
      const rows = await encode(options.train ?? required(config, "train_input_path", options, "--train"));
      const paths = typeof options.eval === "string" ? options.eval : pipelineText(config, "eval_input_path");
      const evaluated = options.eval === false || paths === null ? null : await encode(paths);
      if (evaluated === null) log.note("no rows to evaluate on");
      await run({ config, spec, series, chosen, rows, evaluated, options, log, signals });
    } finally {
      await series.close();
    }
  } finally {
    signals.stop();
  }
}

interface Session {
  readonly config: PipelineConfig;
  readonly spec: ModelSpec;
  readonly series: CheckpointSeries;
  readonly chosen: EngineChoice;
  readonly rows: EncodedRows;
  readonly evaluated: EncodedRows | null;
  readonly options: TrainOptions;
  readonly log: Log;
  readonly signals: Signals;
}

async function run({ config, spec, series, chosen, rows, evaluated, options, log, signals }: Session): Promise<void> {
  const { explodedText, fit, loadWeights, planSteps, skippedText } = await import("../train/index.js");
  const { beginCheckpoints } = await import("../api/training/checkpoints.js");
  const { openEngine } = await import("../api/training/engine.js");
  const opening = openEngine(spec, { ...chosen, seed: spec.training.seed });
  const engine = await signals.unlessStopped(opening);
  try {
    if (options.weights !== undefined) {
      const { signal } = signals;
      await signals.unlessStopped(loadWeights(engine, options.weights, { map: options.weightMap, signal }));
    }
    const { stepsPerEpoch, totalSteps } = planSteps(spec.training, rows.rows);
    const result = await fit(engine, rows, evaluated, {
      ...(await beginCheckpoints(series, {
        engine,
        data: rows,
        validation: evaluated,
        everySteps: options.saveSteps ?? checkpointSteps(config, stepsPerEpoch),
        note: (text) => log.note(text),
      })),
      evaluationsPerEpoch: 1,
      onNonFinite: options.skipNonFinite ? "skip" : "stop",
      signal: signals.signal,
      onStep: stepLines(log, options.logSteps ?? trainNumber(config, "log_step_count_steps") ?? 100),
      onEvaluation: ({ step, evaluation }) => logEvaluation(log, evaluation, { step }),
    });
    if (result.skipped > 0) log.note(skippedText(result.skipped));
    if (result.exploded !== null) log.note(explodedText(result.exploded));
    log.line("saved", { step: engine.steps, total_steps: totalSteps, path: series.folder });
    if (result.interrupted) {
      log.note(`stopped at step ${engine.steps} of ${totalSteps}; --resume goes on`);
      process.exitCode = signals.exitCode ?? 1;
    }
  } finally {
    await engine.dispose();
  }
}

async function trainedSpec(config: PipelineConfig, { seed }: TrainOptions): Promise<ModelSpec> {
  const [{ specFromConfig }, { assertValid }] = await Promise.all([
    import("../config/index.js"),
    import("../spec/index.js"),
  ]);
  const spec = specFromConfig(config);
  const seeded = seed === undefined ? spec : { ...spec, training: { ...spec.training, seed } };
  assertValid(seeded);
  return seeded;
}

function required(config: PipelineConfig, field: string, options: TrainOptions, option: string): string {
  const text = pipelineText(config, field);
  if (text !== null) return text;
  throw new ConfigError({
    path: `${options.config}: ${field}`,
    message: "the config leaves this empty",
    expected: "a path",
    fix: `give it as ${option}`,
  });
}

function stepLines(log: Log, every: number): (report: StepReport) => void {
  return ({ step, totalSteps, epoch, rowsPerSecond, loss, taskLosses }) => {
    if (step % every !== 0 && step !== totalSteps) return;
    const at = { step, total_steps: totalSteps, epoch, rows_per_second: Math.round(rowsPerSecond) };
    log.line("step", { ...at, loss, ...taskLosses });
  };
}

/** As TorchEasyRec: by epochs where the config says so, else by steps (its default: 1,000). */
function checkpointSteps(config: PipelineConfig, stepsPerEpoch: number): number {
  const epochs = trainNumber(config, "save_checkpoints_epochs");
  return epochs === null ? (trainNumber(config, "save_checkpoints_steps") ?? 1000) : epochs * stepsPerEpoch;
}

/** What the config asks of a run that is not done here. */
function configNotes(config: PipelineConfig): string[] {
  const asked = { train_config: ["save_checkpoints_timestamp_interval", "save_checkpoints_timestamps"] };
  const fields = { ...asked, eval_config: ["num_steps"] };
  return Object.entries(fields).flatMap(([part, names]) => {
    const message = (config.message[part] ?? {}) as JsonObject;
    return names.filter((name) => message[name]).map((name) => `${part}.${name} has no effect here`);
  });
}

function parameterMap(text: string): ParameterMap {
  const bad = 'an object such as {"model.ppnet.*": null}';
  try {
    const map: unknown = JSON.parse(text);
    if (isObject(map) && Object.values(map).every((name) => name === null || typeof name === "string"))
      return map as ParameterMap;
  } catch {
    // told below
  }
  throw new InvalidArgumentError(`expected ${bad}`);
}

/** Where there is a run already, the shell's own options mend it. */
function namingOptions(error: unknown): never {
  if (error instanceof CheckpointError && error.problems[0]?.message.startsWith("there is a run here already")) {
    const fix = "--resume goes on with it, --overwrite replaces it, --out names another folder";
    throw new CheckpointError({ ...error.problems[0], fix });
  }
  throw error;
}
