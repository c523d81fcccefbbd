/**
 * Opens a TorchEasyRec pipeline: protobuf text format, or proto JSON if the path ends in `.json`.
 */
import { ConfigError, type Problem } from "../../errors/index.js";
import { deepFreeze } from "../../util/freeze.js";
import type { Json, JsonObject } from "../../util/json.js";
import { isDeeper } from "../../util/text/parse-json.js";
import { type ConfigReport, Findings } from "../schema/report.js";
import { messageType } from "../schema/schema.js";
import { typeMessage } from "../schema/type-message.js";
import { parseJson } from "../text/parse-json.js";
import { parseText } from "../text/parse-text.js";
import type { Source } from "../text/position.js";
import { mostLevels, type SyntaxMessage, syntaxFromJson } from "../text/syntax.js";
import { fromJsonDocument } from "./json-document.js";
import { readNotes } from "./notes.js";

/**
 * A pipeline with any model, lossless: it contains exactly the written fields, frozen. Enums are names, maps are
 * objects, 64-bit integers beyond 2^53 are decimal strings.
 */
export interface PipelineConfig {
  /** `EasyRecConfig` as a tree with TorchEasyRec's field names. */
  readonly message: JsonObject;
  /** The settings of the `# pepnet: {…}` line, which TorchEasyRec lacks and skips as a comment. */
  readonly notes: JsonObject;
  /** Warnings about input that TorchEasyRec silently accepts, such as a field that is written twice. */
  readonly warnings: readonly Problem[];
}

/** Options of opening a config. */
export interface OpenConfigOptions {
  /** The name of the text in errors; the suffix `.json` means proto JSON. */
  readonly path?: string;
}

/**
 * Opens a pipeline, or a part of one. Throws {@link ConfigError}: a syntax error with line, column and a caret; else every
 * unknown field (with suggestions) and wrong type at once.
 *
 * @example openConfig(await readFile("pipeline.config", "utf8"), { path: "pipeline.config" })
 */
export function openConfig(text: string, options: OpenConfigOptions = {}): PipelineConfig {
  const { config, problems } = readWithProblems(text, options);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/**
 * The same, but skips and reports invalid parts so that the caller can add its own problems. Throws only syntax
 * errors.
 */
export function readWithProblems(
  text: string,
  options: OpenConfigOptions,
): { config: PipelineConfig; problems: readonly Problem[] } {
  return readMessage({ text, name: options.path ?? "config" }, "EasyRecConfig", options);
}

/** Reads a text as a message of the schema. Throws like {@link openConfig}. */
export function readSource(source: Source, type: string, options: OpenConfigOptions): PipelineConfig {
  const { config, problems } = readMessage(source, type, options);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function readMessage(
  source: Source,
  type: string,
  options: OpenConfigOptions,
): { config: PipelineConfig; problems: readonly Problem[] } {
  const report: ConfigReport = { source, problems: new Findings(), warnings: new Findings() };
  const json = options.path?.toLowerCase().endsWith(".json") ?? false;
  const syntax = json ? fromJsonDocument(parseJson(source), messageType(type)) : parseText(source);
  const notes = json ? {} : readNotes(report);
  const message = typeMessage(report, syntax, messageType(type), "");
  const warnings = report.warnings.list(source.name);
  return { config: deepFreeze({ message, notes, warnings }), problems: report.problems.list(source.name) };
}

/** Checks a tree made by a program like one read from a text. Throws {@link ConfigError} with every problem. */
export function checkedMessage(message: JsonObject, type = "EasyRecConfig"): JsonObject {
  if (isDeeper(message, mostLevels)) {
    throw new ConfigError({ path: "config", message: "nested too deeply", expected: `at most ${mostLevels} levels` });
  }
  const report: ConfigReport = { source: null, problems: new Findings(), warnings: new Findings() };
  const syntax = syntaxFromJson(message as Json) as SyntaxMessage;
  const typed = typeMessage(report, syntax, messageType(type), "");
  const problems = report.problems.list("config");
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(typed);
}
