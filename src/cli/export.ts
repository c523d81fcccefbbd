import { Command } from "commander";
import type { AnyModel } from "../api/index.js";
import type { PipelineEdits } from "../api/pipeline/index.js";
import {
  type CsvChoice,
  editOption,
  type ModelChoice,
  openModel,
  openRows,
  readConfig,
  withCsvOptions,
  withModelOptions,
} from "./options.js";
import { textLine } from "./terminal/script-log.js";

interface OnnxOptions extends ModelChoice {
  readonly out: string;
}

const onnxHelp = `
The folder holds model.onnx (embedding tables included), encoders.json (how columns become its inputs) and a README with
calls from Python and Node; docs/serving.md describes the format. \`pepnet predict --model\` predicts with it. An existing
export in the folder is replaced; other files are kept.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet export onnx --run runs/first --out served/first`;

export function onnxCommand(): Command {
  const command = new Command("onnx")
    .description("Write a trained model as ONNX with its encoders.")
    .requiredOption("--out <folder>", "folder to write");
  return withModelOptions(command).addHelpText("after", onnxHelp).exitOverride().action(exportRun);
}

async function exportRun(options: OnnxOptions, command: Command): Promise<void> {
  const { run } = await openModel(options, command);
  try {
    const { bytes, encoders } = await run.export(options.out);
    const { features, outputs } = encoders;
    const counts = { bytes, features: features.length, outputs: outputs.length };
    console.log(textLine("saved", { ...counts, path: options.out }));
  } finally {
    await run.dispose();
  }
}

interface ExportOptions extends CsvChoice {
  readonly run?: string;
  readonly config?: string;
  readonly edit?: PipelineEdits;
  readonly data?: string;
  readonly eval?: string | boolean;
  readonly out: string;
  readonly shuffle: boolean;
}

const torchEasyRecHelp = `
Writes pipeline.config, train.parquet, eval.parquet, train.sh (1 to N workers), convert_weights.py and a README.md that
explains how to load the result. Ids are written as table rows, numbers normalised (fg_mode: FG_NONE). Rows that do not
fit the model, and anything that TorchEasyRec cannot train, are reported before anything is written.
Paths are relative to where you run the command. Exit codes: 0 written, 1 an error, 2 misused.

Examples:
  pepnet export torcheasyrec --config pipeline.config --out out/cluster
  pepnet export torcheasyrec --run runs/first --data 'logs/*.parquet' --eval test.parquet --out out/cluster`;

export function torchEasyRecCommand(): Command {
  const command = new Command("torcheasyrec")
    .description("Write a folder that TorchEasyRec can train unchanged, on 1 to N workers.")
    .option("--config <file>", "the model: pipeline.config, or a .json of it")
    .addOption(editOption())
    .option("--run <folder>", "or the folder of a run")
    .option("--data <paths>", "training rows (default: the config's train_input_path)")
    .option("--eval <paths>", "rows to evaluate on (default: the config's eval_input_path, else a random 10%)")
    .option("--no-eval", "do not evaluate")
    .requiredOption("--out <folder>", "folder to write")
    .option("--no-shuffle", "keep the row order (default: random if training shuffles the rows)");
  return withCsvOptions(command).addHelpText("after", torchEasyRecHelp).exitOverride().action(exportRows);
}

async function exportRows(options: ExportOptions, command: Command): Promise<void> {
  if ((options.run === undefined) === (options.config === undefined)) {
    command.error("error: a model is missing: set --config or --run");
  }
  if (options.edit !== undefined && options.config === undefined) command.error("error: --edit needs --config");
  const { model, train, validation } = await openSource(options);
  const data = options.data ?? train;
  if (data === null) command.error("error: training rows are missing: set --data");
  const rows = typeof options.eval === "string" ? options.eval : validation;
  const written = await model.exportTorchEasyRec(await openRows(data, options), {
    folder: options.out,
    validation: options.eval === false ? null : rows === null ? undefined : await openRows(rows, options),
    shuffle: options.shuffle ? undefined : false,
  });
  for (const note of written.notes) console.error(`note: ${note}`);
  const { train: trained, validation: evaluated } = written.rowCounts;
  console.log(textLine("saved", { path: written.folder, train_rows: trained, eval_rows: evaluated ?? 0 }));
}

interface Source {
  readonly model: AnyModel;
  readonly train: string | null;
  readonly validation: string | null;
}

async function openSource(options: ExportOptions): Promise<Source> {
  if (options.config !== undefined) {
    const { pipelineModel } = await import("../api/pipeline/index.js");
    const config = await readConfig(options.config, options.edit);
    const model = await pipelineModel(config);
    return { model, train: config.text("train_input_path"), validation: config.text("eval_input_path") };
  }
  const { loadRun } = await import("../api/index.js");
  const run = await loadRun(options.run!);
  return { model: run.model, train: null, validation: null };
}

const exportHelp = `
Examples:
  pepnet export --run runs/first --out served/first
  pepnet export torcheasyrec --config pipeline.config --out out/cluster`;

export function exportCommand(): Command {
  return new Command("export")
    .description("Write a model for other programs: as ONNX for prediction, or as a folder to train on a cluster.")
    .addHelpText("after", exportHelp)
    .exitOverride()
    .addCommand(onnxCommand(), { isDefault: true })
    .addCommand(torchEasyRecCommand());
}
