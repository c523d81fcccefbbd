#!/usr/bin/env node
/** The `pepnet` command: thin wrappers over the library's functions. */
import { Command, CommanderError, Option } from "commander";

import type { PipelineEdits } from "../api/pipeline.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { PepnetError } from "../errors/index.js";
import type { InstallPlace } from "../kernel/doctor.js";
import { isDebugging, stackText } from "../util/debug.js";
import type { Json } from "../util/random.js";
import { visible, visibleBlock, visibleLine } from "../util/text.js";
import { ablateCommand } from "./ablate.js";
import { dataCommand } from "./data.js";
import { doctorCommand } from "./doctor.js";

import { printFindings, printStyled, styled, textLine } from "./log.js";
import { newCommand } from "./new.js";
import { joinParameterPairs, notebookCommand } from "./notebook.js";
import {
  editOption,
  type ModelChoice,
  openRows,
  readConfig,
  runsCommand,
  withCsvOptions,
  withModel,
  withModelOptions,
  writeText,
} from "./options.js";

import {
  endOnSignals,
  outputFailure,
  printFile,
  StoppedError,
  showControlCharacters,
  surviveClosedStreams,
} from "./signals.js";
import { trainCommand } from "./train.js";
import { evalCommand, predictCommand, reportCommand } from "./trained.js";

const fileArgument = ["<file>", "pipeline.config, or a .json of it"] as const;

function configCommand(): Command {
  return new Command("config")
    .description("Read, edit and compare TorchEasyRec configs of any model.")
    .addHelpText("after", "\nExample: pepnet config show configs/pepnet_taobao.config")
    .addCommand(printCommand())
    .addCommand(showCommand())
    .addCommand(editCommand())
    .addCommand(diffCommand());
}

function printCommand(): Command {
  return new Command("print")
    .description("Parse a config and print it in TorchEasyRec's format; reports every error with its location.")
    .argument(...fileArgument)
    .addHelpText("after", "\nExit codes: 0 valid, 1 invalid.\nExample: pepnet config print pipeline.config")
    .action(async (file: string) => {
      printFile((await readConfig(file, {}, "text")).print());
    });
}

function showCommand(): Command {
  return new Command("show")
    .description("Show a config's PEPNet: modules, parameters and FLOPs per row; as a diagram with --html.")
    .argument(...fileArgument)
    .option(...editOption)
    .option("--html <page>", "write the model's diagram as an HTML page that opens from disk")
    .addHelpText("after", "\nExample: pepnet config show pipeline.config --html model.html")
    .action(async (file: string, options: { edit?: PipelineEdits; html?: string }) => {
      const model = (await readConfig(file, options.edit)).model();
      if (options.html !== undefined) await writeText(options.html, await model.diagram().html());
      console.log((await model.bundle())["text/plain"]);
    });
}

const editHelp = `
Paths are TorchEasyRec's field names, joined by dots; index lists with [0], [-1], [1:3], [:] or [tower_name=cvr].
null removes a field. The result is printed, or written to -o, which may be the input file; comments are not kept.

Example:
  pepnet config edit pipeline.config -o gamma-1.config \\
    --edit '{"model_config.pepnet.epnet_gamma": 1, "feature_configs[:].id_feature.embedding_dim": 8}'`;

function editCommand(): Command {
  return new Command("edit")
    .description("Set fields of a config by path; writes nothing if an edit is invalid.")
    .argument(...fileArgument)
    .option(...editOption)
    .option("-o, --out <file>", "file to write (default: standard output)")
    .addHelpText("after", editHelp)
    .action(async (file: string, options: { edit?: PipelineEdits; out?: string }, command: Command) => {
      if (options.edit === undefined) command.error("error: --edit is required");
      const text = (await readConfig(file, options.edit, "text")).print();
      if (options.out === undefined) printFile(text);
      else await writeText(options.out, text);
    });
}

const diffHelp = `
One line per difference, with the path to use in \`config edit\`:
  model_config.pepnet.epnet_gamma: 2 → 1
Exit codes, like diff's: 0 no differences, 1 differences, 2 a config cannot be read.

Example: pepnet config diff pipeline.config gamma-1.config`;

function diffCommand(): Command {
  return new Command("diff")
    .description("Print the differences between two configs, field by field.")
    .argument("<before>", "the first config")
    .argument("<after>", "the second config")
    .addHelpText("after", diffHelp)
    .action(async (before: string, after: string) => {
      process.exitCode = 2;
      const [first, second] = [await readConfig(before, {}, "text"), await readConfig(after, {}, "text")];
      const differences = first.differencesTo(second);
      for (const { path, before: old, after: fresh } of differences)
        console.log(visibleLine(`${path}: ${valueText(old)} → ${valueText(fresh)}`));
      process.exitCode = differences.length === 0 ? 0 : 1;
    });
}

function valueText(value: Json | undefined): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}

const onnxHelp = `
The folder holds model.onnx (embedding tables included), encoders.json (how columns become its inputs) and a README with
calls from Python and Node; docs/serving.md describes the format. \`pepnet predict --model\` predicts with it. An existing
export in the folder is replaced; other files are kept.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet export onnx --run runs/first --out served/first`;

function onnxCommand(): Command {
  const command = new Command("onnx")
    .description("Write a trained model as ONNX with its encoders.")
    .requiredOption("--out <folder>", "folder to write");
  return withModelOptions(command).addHelpText("after", onnxHelp).action(exportRun);
}

async function exportRun(options: ModelChoice & { readonly out: string }, command: Command): Promise<void> {
  await withModel(options, command, async (run) => {
    const { bytes, encoders } = await run.export(options.out);
    const { features, outputs } = encoders;
    const counts = { bytes, features: features.length, outputs: outputs.length };
    console.log(textLine("saved", { ...counts, path: options.out }));
  });
}

interface ExportOptions extends CsvOptions, Pick<ModelChoice, "run" | "config" | "edit"> {
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

function torchEasyRecCommand(): Command {
  const command = new Command("torcheasyrec")
    .description("Write a folder that TorchEasyRec can train unchanged, on 1 to N workers.")
    .option("--config <file>", "the model: pipeline.config, or a .json of it")
    .option(...editOption)
    .option("--run <folder>", "or the folder of a run")
    .option("--data <paths>", "training rows (default: the config's train_input_path)")
    .option("--eval <paths>", "rows to evaluate on (default: the config's eval_input_path, else a random 10%)")
    .option("--no-eval", "do not evaluate")
    .requiredOption("--out <folder>", "folder to write")
    .option("--no-shuffle", "keep the row order (default: random if training shuffles the rows)");
  return withCsvOptions(command).addHelpText("after", torchEasyRecHelp).action(exportRows);
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

async function openSource({ config: file, edit, run }: ExportOptions) {
  if (file === undefined) {
    const { loadRun } = await import("../api/model/load-run.js");
    return { model: (await loadRun(run!)).model, train: null, validation: null };
  }
  const config = await readConfig(file, edit);
  return { model: config.model(), train: config.text("train_input_path"), validation: config.text("eval_input_path") };
}

const exportHelp = `
Examples:
  pepnet export --run runs/first --out served/first
  pepnet export torcheasyrec --config pipeline.config --out out/cluster`;

function exportCommand(): Command {
  return new Command("export")
    .description("Write a model for other programs: as ONNX for prediction, or as a folder to train on a cluster.")
    .addHelpText("after", exportHelp)
    .addCommand(onnxCommand(), { isDefault: true })
    .addCommand(torchEasyRecCommand());
}

const installHelp = `
The default is your user's Jupyter data folder (\`jupyter --data-dir\` prints it), which JupyterLab and
VS Code search. Python is not needed. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet kernel install
  pepnet kernel install --prefix .venv     # into .venv/share/jupyter`;

const doctorHelp = `
Exit codes: 0 no problems, 1 problems found, 2 misused.

Examples:
  pepnet kernel doctor
  pepnet kernel doctor --prefix .venv`;

function kernelCommand(): Command {
  const command = new Command("kernel")
    .description("Install, check or remove the Jupyter kernel; needs Node only.")
    .addHelpText("after", "\nExample: pepnet kernel install");
  withPlace(command.command("install"))
    .description("Install or update the kernel, its JupyterLab extension and papermill's translator.")
    .addHelpText("after", installHelp)
    .action(async (place: InstallPlace) => {
      const { installKernel } = await import("../kernel/install.js");
      const { buildSnapshot } = await import("../kernel/wire.js");
      const files = await installKernel(place);
      buildSnapshot();
      console.log(`Installed the kernel "TypeScript (PEPNet)":\n${fileLines(files)}`);
    });
  withPlace(command.command("uninstall"))
    .description("Remove the files that install wrote in the same folder, and nothing else.")
    .addHelpText("after", "\nExample: pepnet kernel uninstall --prefix .venv")
    .action(async (place: InstallPlace) => {
      const { uninstallKernel } = await import("../kernel/install.js");
      const files = await uninstallKernel(place);
      console.log(files.length === 0 ? "Nothing to remove." : `Removed:\n${fileLines(files)}`);
    });
  withPlace(command.command("doctor"))
    .description("Check the installed kernel and suggest fixes (starts it once).")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", doctorHelp)
    .action(async ({ json, ...place }: InstallPlace & { readonly json?: boolean }) => {
      const { examineKernel } = await import("../kernel/doctor.js");
      printFindings(await examineKernel(place), json);
    });
  return command;
}

function fileLines(files: readonly string[]): string {
  return files.map((file) => `  ${visibleLine(file)}`).join("\n");
}

const placeOptions = [
  ["prefix", "--prefix <folder>", "use <folder>/share/jupyter, for example in a Python environment"],
  ["sysPrefix", "--sys-prefix", "use the Python environment that is active in this shell"],
  ["dataDir", "--data-dir <folder>", "use this Jupyter data folder, such as one in JUPYTER_PATH"],
] as const;

function withPlace(command: Command): Command {
  for (const [name, flags, description] of placeOptions) {
    const others = placeOptions.map(([other]) => other).filter((other) => other !== name);
    command.addOption(new Option(flags, description).conflicts(others));
  }
  return command;
}

const help = `
Run a command with --help for its options. Exit codes: 0 done, 1 an error, 2 misused, 129, 130 or 143 stopped by a signal.

Example, from a TorchEasyRec config to predictions:
  pepnet train --config pipeline.config --out runs/first
  pepnet eval --run runs/first --data test.parquet
  pepnet predict --run runs/first test.parquet predictions.parquet`;

function program(): Command {
  const { version } = require("../../package.json") as { version: string };
  const root = new Command("pepnet")
    .description("Explore PEPNet: train and evaluate TorchEasyRec configs, run notebooks, install the Jupyter kernel.")
    .version(version)
    .addHelpText("after", help)
    .addCommand(newCommand())
    .addCommand(trainCommand())
    .addCommand(ablateCommand())
    .addCommand(evalCommand())
    .addCommand(predictCommand())
    .addCommand(exportCommand())
    .addCommand(reportCommand())
    .addCommand(runsCommand())
    .addCommand(configCommand())
    .addCommand(dataCommand())
    .addCommand(notebookCommand())
    .addCommand(kernelCommand())
    .addCommand(doctorCommand());
  for (const command of commandsBelow(root)) command.exitOverride(); // wrong use ends with exit code 2
  return root;
}

function commandsBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsBelow)];
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(joinParameterPairs(argv), { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof StoppedError) process.exit(error.exitCode);
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printStyled(process.stderr, `${styled(process.stderr, "red", "✗")} ${visible(described(error))}`);
    return Number(process.exitCode ?? 1) || 1;
  }
}

function described(error: unknown): string {
  if (isDebugging()) return stackText(error);
  if (error instanceof PepnetError) return error.message;
  return `${visibleBlock(String((error as Error).message ?? error))}\n  unexpected error: run again with PEPNET_DEBUG=1 for the stack trace`;
}

showControlCharacters();
surviveClosedStreams();
endOnSignals();
process.on("exit", (code) => {
  const failure = outputFailure(); // known only when everything is written, possibly after the command ends
  if (failure === null) return;
  console.error(`✗ standard output: cannot be written\n  received: ${failure.message}`);
  process.exitCode = code || 1;
});
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
