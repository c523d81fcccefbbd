#!/usr/bin/env node
/** The `pepnet` command: thin wrappers over the library's functions. */
import { type Command, CommanderError } from "commander";
import type { PipelineEdits } from "../../api/pipeline.js";
import { PepnetError } from "../../core/errors/index.js";
import { isDebugging, stackText } from "../../core/util/debug.js";
import { packageVersion } from "../../core/util/files/package-root.js";
import { didYouMean } from "../../core/util/names.js";
import { visible, visibleBlock, visibleLine } from "../../core/util/text.js";
import type { InstallPlace } from "../doctor.js";
import { ablateCommand } from "./ablate.js";
import { dataCommand } from "./data.js";
import { doctorCommand } from "./doctor.js";
import { printFindings, printStyled, styled, textLine } from "./log.js";
import { makeProject } from "./new.js";
import { joinParameterPairs, notebookCommand } from "./notebook.js";
import {
  describedCommand,
  integer,
  listed,
  listRuns,
  type ModelChoice,
  openRows,
  type RowsOptions,
  readConfig,
  withModel,
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
import { evaluateRows, predictRows, reportRun } from "./trained.js";

function configCommand(): Command {
  return describedCommand("config")
    .addCommand(
      describedCommand("config print").action(async (file: string) => {
        printFile((await readConfig(file, {}, "text")).print());
      }),
    )
    .addCommand(showCommand())
    .addCommand(completeCommand())
    .addCommand(editCommand())
    .addCommand(diffCommand());
}

function showCommand(): Command {
  return describedCommand("config show").action(
    async (file: string, options: { edit?: PipelineEdits; html?: string }) => {
      const model = (await readConfig(file, options.edit)).model();
      if (options.html !== undefined) await writeText(options.html, await model.diagram().html());
      console.log((await model.bundle())["text/plain"]);
    },
  );
}

function completeCommand(): Command {
  return describedCommand("config complete").action(async (file: string, options: { data: string; out?: string }) => {
    const { completedText } = await import("../../api/model/complete-config.js");
    const { text, reasons } = await completedText(file, await openRows(options.data), options.data);
    await putOut(text, options.out);
    // Standard output has them as the config's comments.
    if (options.out !== undefined) for (const reason of reasons) console.error(visibleLine(`note: ${reason}`));
  });
}

function editCommand(): Command {
  return describedCommand("config edit").action(
    async (file: string, options: { edit?: PipelineEdits; out?: string }, command: Command) => {
      if (options.edit === undefined) command.error("error: --edit is required");
      await putOut((await readConfig(file, options.edit, "text")).print(), options.out);
    },
  );
}

async function putOut(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) printFile(text);
  else await writeText(file, text);
}

function diffCommand(): Command {
  return describedCommand("config diff").action(async (before: string, after: string) => {
    process.exitCode = 2;
    const [first, second] = [await readConfig(before, {}, "text"), await readConfig(after, {}, "text")];
    const differences = first.differencesTo(second);
    for (const { path, before: old, after: fresh } of differences)
      console.log(
        visibleLine(`${path}: ${JSON.stringify(old) ?? "(absent)"} → ${JSON.stringify(fresh) ?? "(absent)"}`),
      );
    process.exitCode = differences.length === 0 ? 0 : 1;
  });
}

interface ServedExport {
  readonly out: string;
  readonly priors?: string;
}

async function exportRun(options: ModelChoice & ServedExport, command: Command): Promise<void> {
  await withModel(options, command, async (run) => {
    const { bytes, encoders } = await run.export(options.out, { priors: options.priors });
    const { features, outputs } = encoders;
    const counts = { bytes, features: features.length, outputs: outputs.length };
    console.log(textLine("saved", { ...counts, path: options.out }));
  });
}

interface ExportOptions extends RowsOptions, Pick<ModelChoice, "run" | "config" | "edit"> {
  readonly data?: string;
  readonly eval?: string | boolean;
  readonly out: string;
  readonly shuffle: boolean;
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
    const { loadRun } = await import("../../api/model/load-run.js");
    return { model: (await loadRun(run!)).model, train: null, validation: null };
  }
  const config = await readConfig(file, edit);
  return { model: config.model(), train: config.text("train_input_path"), validation: config.text("eval_input_path") };
}

function kernelCommand(): Command {
  const install = withPlace(describedCommand("kernel install")).action(async (place: InstallPlace) => {
    const { installKernel } = await import("../install.js");
    const { buildSnapshot, displayName } = await import("../kernel-spec.js");
    const files = await installKernel(place);
    buildSnapshot();
    console.log(`Installed the kernel "${displayName(place.name)}":\n${fileLines(files)}`);
  });
  const uninstall = withPlace(describedCommand("kernel uninstall")).action(async (place: InstallPlace) => {
    const { uninstallKernel } = await import("../install.js");
    const files = await uninstallKernel(place);
    console.log(files.length === 0 ? "Nothing to remove." : `Removed:\n${fileLines(files)}`);
  });
  const doctor = withPlace(describedCommand("kernel doctor")).action(
    async ({ json, ...place }: InstallPlace & { readonly json?: boolean }) => {
      const { examineKernel } = await import("../doctor.js");
      printFindings(await examineKernel(place), json);
    },
  );
  return describedCommand("kernel").addCommand(install).addCommand(uninstall).addCommand(doctor);
}

function fileLines(files: readonly string[]): string {
  return files.map((file) => `  ${visibleLine(file)}`).join("\n");
}

/** At most one of the three options of a place. */
function withPlace(command: Command): Command {
  const places = ["prefix", "sysPrefix", "dataDir"];
  for (const option of command.options) {
    const name = option.attributeName();
    if (places.includes(name)) option.conflicts(places.filter((other) => other !== name));
  }
  return command;
}

function program(): Command {
  const onnx = describedCommand("export onnx").action(exportRun);
  const torchEasyRec = describedCommand("export torcheasyrec").action(exportRows);
  const root = describedCommand("pepnet")
    .version(packageVersion())
    .addCommand(describedCommand("new").action(makeProject))
    .addCommand(trainCommand())
    .addCommand(ablateCommand())
    .addCommand(describedCommand("eval").action(evaluateRows))
    .addCommand(describedCommand("predict", { "--reserve": listed }).action(predictRows))
    .addCommand(describedCommand("export").addCommand(onnx, { isDefault: true }).addCommand(torchEasyRec))
    .addCommand(describedCommand("report", { "--rows": integer(1) }).action(reportRun))
    .addCommand(describedCommand("runs").action(listRuns))
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

/** Refuses a name that no command has, even before `--help`, and suggests similar names and those that begin with it. */
function checkCommandNames(command: Command, words: readonly string[]): void {
  const [name, ...rest] = words;
  const names = [...command.commands.map((each) => each.name()), "help"];
  if (command.commands.length === 0 || name === undefined || name.startsWith("-") || name === "help") return;
  const next = command.commands.find((each) => each.name() === name);
  if (next !== undefined) {
    checkCommandNames(next, rest);
    return;
  }
  const longer = names.filter((each) => name.startsWith(each) || each.startsWith(name));
  const hint = longer.length > 0 ? `did you mean "${longer[0]}"?` : didYouMean(name, names);
  const place = command.parent === null ? "pepnet" : `${command.parent.name()} ${command.name()}`;
  const fix = hint === undefined ? `commands: ${names.join(", ")}` : hint;
  command.error(`error: unknown command '${name}' of ${place} (${fix})`);
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const root = program();
    checkCommandNames(root, argv);
    await root.parseAsync(joinParameterPairs(argv), { from: "user" });
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
/** For tests, which run several commands in a process. */
export const ended: Promise<void> = main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
