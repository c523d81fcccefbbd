/** `pepnet export torcheasyrec`: a folder that TorchEasyRec trains. */
import { Command } from "commander";
import type { AnyModel } from "../../api/index.js";
import { type Edits, editOption, pipelineText, readConfig } from "../config-options.js";
import { type CsvChoice, withCsvOptions } from "../csv-options.js";
import { textLine } from "../log.js";
import { openRows } from "../rows.js";

interface ExportOptions extends CsvChoice {
  readonly run?: string;
  readonly config?: string;
  readonly edit?: Edits;
  readonly data?: string;
  /** `false`: `--no-eval`. */
  readonly eval?: string | boolean;
  readonly out: string;
  readonly shuffle: boolean;
}

const help = `
Writes pipeline.config, train.parquet, eval.parquet, train.sh (1 to N workers), convert_weights.py and a README.md that
says how the result comes back. Ids are written as rows of their tables and numbers normalised (fg_mode: FG_NONE); what
TorchEasyRec cannot train, and rows that do not fit the model, are told before anything is written.
Paths are relative to where you run the command. Exit codes: 0 written, 1 an error, 2 misused.

Examples:
  pepnet export torcheasyrec --config pipeline.config --out out/cluster
  pepnet export torcheasyrec --run runs/first --data 'logs/*.parquet' --eval test.parquet --out out/cluster`;

/** The command. */
export function torchEasyRecCommand(): Command {
  const command = new Command("torcheasyrec")
    .description("Write a folder that TorchEasyRec trains as it is, on 1 to N workers.")
    .option("--config <file>", "the model: pipeline.config, or a .json of it")
    .addOption(editOption())
    .option("--run <folder>", "or the model of a run")
    .option("--data <paths>", "training rows (default: the config's train_input_path)")
    .option("--eval <paths>", "rows to evaluate on (default: the config's eval_input_path, else a random tenth)")
    .option("--no-eval", "evaluate on nothing")
    .requiredOption("--out <folder>", "the folder to write")
    .option("--no-shuffle", "keep the order of the rows (default: random where the model's rows are shuffled)");
  return withCsvOptions(command).addHelpText("after", help).exitOverride().action(exportRows);
}

async function exportRows(options: ExportOptions, command: Command): Promise<void> {
  if ((options.run === undefined) === (options.config === undefined)) {
    command.error("error: name the model by --config or by --run");
  }
  if (options.edit !== undefined && options.config === undefined) command.error("error: --edit needs --config");
  const { model, train, validation } = await openModel(options);
  const data = options.data ?? train;
  if (data === null) command.error("error: name the training rows by --data");
  const rows = options.eval === false ? null : typeof options.eval === "string" ? options.eval : validation;
  const written = await model.exportTorchEasyRec(await openRows(data as string, options), {
    folder: options.out,
    ...(rows === undefined ? {} : { validation: rows === null ? null : await openRows(rows, options) }),
    ...(options.shuffle ? {} : { shuffle: false }),
  });
  for (const note of written.notes) console.error(`note: ${note}`);
  const evaluated = written.rows.validation ?? 0;
  console.log(textLine("saved", { path: written.folder, train_rows: written.rows.train, eval_rows: evaluated }));
}

/** The model with the paths that its config names. */
async function openModel(
  options: ExportOptions,
): Promise<{ model: AnyModel; train: string | null; validation: string | undefined }> {
  const { modelFromSpec } = await import("../../api/index.js");
  if (options.config !== undefined) {
    const { specFromConfig } = await import("../../config/index.js");
    const config = await readConfig(options.config, options.edit);
    const validation = pipelineText(config, "eval_input_path") ?? undefined;
    return {
      model: modelFromSpec(specFromConfig(config)),
      train: pipelineText(config, "train_input_path"),
      validation,
    };
  }
  const { readRunIn } = await import("../../train/index.js");
  const { spec } = await readRunIn(options.run as string);
  return { model: modelFromSpec(spec), train: null, validation: undefined };
}
