/** The options of commands: how they are described, read and shared. */
import { existsSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Dataset } from "../../api/data/dataset.js";
import type { Pipeline, PipelineEdits } from "../../api/pipeline.js";
import type { Run } from "../../api/run/run.js";
import type { EngineChoice } from "../../api/training/engines.js";
import type { CsvOptions } from "../../core/data/sources/csv/options.js";
import { type Roles, rolesAmong } from "../../core/data/table/roles.js";
import type { EngineName } from "../../core/engine/engine.js";
import { mostThreads } from "../../core/engine/threads.js";
import { ConfigError } from "../../core/errors/index.js";
import { assetText } from "../../core/util/files/package-root.js";
import { parseJson, visibleBlock } from "../../core/util/text.js";
import { writeFileWhole } from "../../core/util/write-whole.js";
import { textLine } from "./log.js";

export function numeric(expected: string, accepts: (value: number) => boolean = Number.isFinite) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && accepts(value)) return value;
    throw new InvalidArgumentError(`Expected ${expected}.`);
  };
}

export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const bound = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
  const accepts = (value: number): boolean => Number.isSafeInteger(value) && value >= least && value <= most;
  return numeric(`an integer ${bound}`, accepts);
}

type Reader = (text: string, before: never) => unknown;

/** How options of several commands are read, or the values that they may have; other options are texts or flags. */
const sharedReaders: Readonly<Record<string, Reader | readonly string[]>> = {
  "--edit": parseEdits,
  "--separator": separatorText,
  "--names": listed,
  "--nulls": listed,
  "--types": columnTypes,
  "--engine": ["compiled", "tfjs-node", "wasm", "cpu"] satisfies EngineName[],
  "--threads": (text) => integer(1, mostThreads())(text),
};

const sections: ReadonlyMap<string, string> = new Map(
  assetText("kernel/cli/assets/commands.txt")
    .split(/^== /m)
    .map((section) => [section.slice(0, section.indexOf("\n")), section.slice(section.indexOf("\n") + 1).trim()]),
);

/**
 * Makes a command from `assets/commands.txt`: a sentence; its arguments and options (`!`: required, `= default`, `@`: a
 * list of options), each with its text; and its help after an empty line. @param readers how its options are read
 */
export function describedCommand(name: string, readers: typeof sharedReaders = {}): Command {
  const [head = "", ...help] = sections.get(name)!.split("\n\n");
  const [description = "", ...lines] = head.split("\n");
  const command = new Command(name.split(" ").at(-1)).description(description);
  for (const line of lines) addOption(command, line, { ...sharedReaders, ...readers });
  const unread = Object.keys(readers).find((flag) => !command.options.some(({ long }) => long === flag));
  if (unread !== undefined) throw new Error(`${name} has no option ${unread}`);
  return help.length === 0 ? command : command.addHelpText("after", () => `\n${help.map(wrapped).join("\n\n")}`);
}

/** Prose fits the terminal; lines that are indented are for copying. */
function wrapped(paragraph: string): string {
  const width = process.stdout.columns || 80;
  const tooLong = new RegExp(`(?=.{${width + 1}})(.{1,${width}}) `, "g");
  return paragraph
    .replace(/(?<=^\S.*)\n(?=\S)/gm, " ")
    .split("\n")
    .map((line) => (line.startsWith(" ") ? line : line.replace(tooLong, "$1\n")))
    .join("\n");
}

function addOption(command: Command, line: string, readers: typeof sharedReaders): void {
  if (line.startsWith("@")) {
    for (const each of sections.get(line)!.split("\n")) addOption(command, each, readers);
    return;
  }
  const [, flags = "", required, usual, text = ""] = /^(.*?)(!)?(?: = (\S+))? : (.*)$/.exec(line)!;
  if (!flags.startsWith("-")) {
    command.argument(flags, text);
    return;
  }
  const option = new Option(flags, text);
  // Commander would name it before an unknown option, which may be this one with an error in its name.
  if (required !== undefined) {
    command.hook("preAction", () => {
      if (command.getOptionValue(option.attributeName()) !== undefined) return;
      command.error(`error: required option '${flags}' not specified`);
    });
  }
  const reader = readers[option.long!];
  if (typeof reader === "function") option.argParser(reader as (text: string) => unknown);
  else if (reader !== undefined) option.choices(reader);
  command.addOption(usual === undefined ? option : option.default(usual));
}

export function listed(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

function columnTypes(text: string): NonNullable<CsvOptions["types"]> {
  const entries = listed(text).map((item) => {
    const at = item.lastIndexOf("=");
    if (at <= 0) throw new InvalidArgumentError("Expected columns with their types, such as zip=text,price=float.");
    return [item.slice(0, at), item.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries) as NonNullable<CsvOptions["types"]>;
}

/** Tabs and control characters are hard to type in a shell: they are escaped as in JSON, or as `\\x01`. */
function separatorText(text: string): string {
  const escaped = text.replace(/\\x([0-9a-f]{2})/gi, "\\u00$1");
  try {
    return JSON.parse(`"${escaped.replaceAll('"', '\\"')}"`) as string;
  } catch {
    throw new InvalidArgumentError("Expected text; escape a tab as \\t and other characters as \\x01.");
  }
}

function parseEdits(text: string, before: PipelineEdits = {}): PipelineEdits {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new InvalidArgumentError(`Not valid JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError("Expected a JSON object of paths and values.");
  }
  return { ...before, ...(value as PipelineEdits) };
}

export async function readConfig(
  file: string,
  edits?: PipelineEdits,
  purpose: "model" | "text" = "model",
): Promise<Pipeline> {
  const { openPipeline } = await import("../../api/pipeline.js");
  return openPipeline(file, edits, purpose);
}

/** How a command reads rows, and the columns of their user, item, time and session. */
export type RowsOptions = CsvOptions & Roles;

export async function openRows(paths: string, options: RowsOptions = {}): Promise<Dataset> {
  const { dataset } = await import("../../api/data/dataset.js");
  const list = existsSync(paths) ? [paths] : listed(paths);
  // A command may read CSV and Parquet; the options are for the CSV files.
  const isParquet = list.every((path) => /\.(parquet|pq)$/i.test(path));
  const { separator, header, names, nulls, encoding, decimal, thousands, types } = options;
  const csv = isParquet ? {} : { separator, header, names, nulls, encoding, decimal, thousands, types };
  return dataset(list.length === 1 ? list[0]! : list, { ...csv, ...rolesAmong(options) });
}

export function requiredText(config: Pipeline, field: string, option: string): string {
  const text = config.text(field);
  if (text !== null) return text;
  throw new ConfigError({
    path: `${config.file}: ${field}`,
    message: "is empty in the config",
    expected: "a path",
    fix: `set ${option}`,
  });
}

export function engineChoice({ engine, threads }: EngineChoice): EngineChoice {
  return { engine, threads };
}

export interface ModelChoice extends EngineChoice {
  readonly run?: string;
  readonly config?: string;
  readonly edit?: PipelineEdits;
  readonly weights?: string;
}

export async function withModel(
  options: ModelChoice,
  command: Command,
  work: (run: Run, config: Pipeline | null) => Promise<void>,
): Promise<void> {
  const { run, config } = await openModel(options, command);
  try {
    await work(run, config);
  } finally {
    await run.dispose();
  }
}

async function openModel(options: ModelChoice, command: Command): Promise<{ run: Run; config: Pipeline | null }> {
  const { run, weights } = options;
  if (run === undefined && options.config === undefined)
    command.error("error: a model is missing: set --run or --config");
  if (run !== undefined && weights !== undefined) command.error("error: --run and --weights exclude each other");
  if (weights !== undefined && options.config === undefined) command.error("error: --weights needs --config");
  const config = options.config === undefined ? null : await readConfig(options.config, options.edit);
  const choice = engineChoice(options);
  if (config !== null && weights !== undefined) {
    const { runFromWeights } = await import("../../api/run/from-weights.js");
    const { modelFromSpec } = await import("../../api/model/model.js");
    return { run: await runFromWeights(config.model().spec, modelFromSpec, weights, choice), config };
  }
  const folder = run ?? config?.text("model_dir");
  if (!folder) command.error("error: the config has no model_dir: add --run");
  const { loadRun } = await import("../../api/model/load-run.js");
  return { run: await loadRun(folder, choice), config };
}

export async function writeText(
  file: string,
  text: string,
  message = "cannot be written",
  fix = "check that the folder exists; paths are relative to the current folder",
): Promise<void> {
  await writeFileWhole(file, text).catch((cause: Error) => {
    throw new ConfigError({ path: file, message, received: cause.message, fix, cause });
  });
}

export async function listRuns(
  folder: string,
  options: { readonly output?: string; readonly title?: string; readonly json?: boolean; readonly force?: boolean },
): Promise<void> {
  const { runs } = await import("../../api/runs.js");
  const index = await runs(folder);
  if (options.output === undefined) {
    if (options.json) for (const run of index.rows()) console.log(JSON.stringify(run));
    else console.log(visibleBlock(String((await index.bundle())["text/plain"])));
    return;
  }
  const { title, force = false } = options;
  const { path, bytes } = await index.report({ path: options.output, title, overwrite: force });
  console.log(textLine("saved", { path, bytes, runs: index.runs.length }));
}
