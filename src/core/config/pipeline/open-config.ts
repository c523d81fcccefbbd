/** Opens a TorchEasyRec pipeline: protobuf text format, or proto JSON if the path ends in `.json`. */
import { ConfigError, type Problem } from "../../errors/index.js";
import { fileProblem, readText } from "../../util/files/read-whole.js";
import { deepFreeze, type Json, type JsonObject } from "../../util/json.js";
import { clipped, isDeeper } from "../../util/text.js";
import { parseJson, TokenCursor } from "../parse-json.js";
import { type ConfigReport, Findings, messageType } from "../schema.js";
import {
  mostLevels,
  type Source,
  type SyntaxField,
  type SyntaxMessage,
  type SyntaxValue,
  syntaxFromJson,
  type Token,
} from "../tokens.js";
import { MessageTyping } from "../type-message.js";
import { fromJsonDocument, readNotes } from "./json-document.js";

/** Parses protobuf text format: `name: value`, `name { … }`, `name: < … >`, lists, adjacent strings, comments. */

const closing: Readonly<Record<string, string>> = { "{": "}", "<": ">" };

function fieldsUntil(cursor: TokenCursor, end: string | null, opened: Token | null): SyntaxField[] {
  const fields: SyntaxField[] = [];
  for (;;) {
    const { kind } = cursor.peek();
    if (end === null ? kind === "end" : cursor.isMark(end)) return fields;
    if (kind === "end" && opened !== null)
      cursor.fail(`"${opened.text}" is never closed`, `a closing "${end}"`, opened.at);
    if (kind !== "name") cursor.fail(`unexpected ${cursor.found()}`, "a field name");
    const { text, at } = cursor.take();
    if (!cursor.accept(":") && !opensMessages(cursor))
      cursor.fail(`unexpected ${cursor.found()} after "${clipped(text)}"`, `":" or "{"`);
    fields.push({ name: text, value: readValue(cursor, `a value for "${clipped(text)}"`), at });
    if (!cursor.accept(",")) cursor.accept(";");
  }
}

/** `{`, or a list of messages: the syntax that may follow a name without a colon. */
function opensMessages(cursor: TokenCursor): boolean {
  const isList = cursor.isMark("[");
  const { kind, text } = cursor.peek(isList ? 1 : 0);
  return kind === "mark" && (isList ? ["{", "<", "]"] : ["{", "<"]).includes(text);
}

function readValue(cursor: TokenCursor, expected: string): SyntaxValue {
  const token = cursor.peek();
  const { kind, text, at } = token;
  if (kind === "string") return readStrings(cursor);
  if (kind === "name" || kind === "number") return { kind, text: cursor.take().text, at, json: false };
  if (cursor.accept("-")) return readNegative(cursor, token);
  const end = kind === "mark" ? closing[text] : undefined;
  if (end === undefined && !cursor.isMark("[")) return cursor.fail(`unexpected ${cursor.found()}`, expected);
  return cursor.nested(() => {
    cursor.take();
    if (end === undefined) return readList(cursor, token);
    const fields = fieldsUntil(cursor, end, token);
    cursor.take();
    return { kind: "message", fields, at, json: false };
  });
}

function readStrings(cursor: TokenCursor): SyntaxValue {
  const { at } = cursor.peek();
  let text = "";
  while (cursor.peek().kind === "string") text += cursor.take().text;
  return { kind: "string", text, at, json: false };
}

function readNegative(cursor: TokenCursor, sign: Token): SyntaxValue {
  const { kind, text, at } = cursor.take();
  if (kind !== "number" && kind !== "name") return cursor.fail(`unexpected "-"`, "a number after it", sign.at);
  return { kind, text: `-${text}`, at, json: false };
}

function readList(cursor: TokenCursor, opened: Token): SyntaxValue {
  const items: SyntaxValue[] = [];
  while (!cursor.isMark("]")) {
    failIfOver(cursor, opened);
    items.push(readValue(cursor, "a value"));
    if (cursor.accept(",") || cursor.isMark("]")) continue;
    failIfOver(cursor, opened);
    cursor.fail(`unexpected ${cursor.found()} in a list`, `"," or "]"`);
  }
  cursor.take();
  return { kind: "list", items, at: opened.at, json: false };
}

function failIfOver(cursor: TokenCursor, opened: Token): void {
  if (cursor.peek().kind === "end") cursor.fail(`"[" is never closed`, `a closing "]"`, opened.at);
}

/** A pipeline of any model with exactly the written fields. Enums are names, integers beyond 2^53 are text. */
export interface PipelineConfig {
  /** `EasyRecConfig` as a tree with TorchEasyRec's field names. */
  readonly message: JsonObject;
  readonly notes: JsonObject;
  /** Warnings about input that TorchEasyRec silently accepts, such as a field that is written twice. */
  readonly warnings: readonly Problem[];
}

export interface OpenConfigOptions {
  /** The name of the text in errors; the suffix `.json` means proto JSON. */
  readonly path?: string;
}

/** @throws ConfigError for a file that cannot be read */
export function readConfigText(
  file: string,
  fix = "check the path, which is relative to the current folder",
): Promise<string> {
  return readText(file, "config").catch((cause: unknown) => {
    throw new ConfigError({ path: file, fix, ...fileProblem(cause, "cannot read the config") }, { cause });
  });
}

/** Throws {@link ConfigError}: a syntax error with its place, else every unknown field and wrong type at once. */
export function openConfig(text: string, options: OpenConfigOptions = {}): PipelineConfig {
  const { config, problems } = readWithProblems(text, options);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Like {@link openConfig} for a part of a pipeline: its `model_config { … }`, or the contents of this message. */
export function openFragment(text: string, options: OpenConfigOptions = {}): PipelineConfig {
  const { config, problems } = readWithProblems(text, options);
  if (problems.length === 0) return config;
  const bare = readWithProblems(text, options, "ModelConfig");
  if (bare.problems.length > 0 || !("pepnet" in bare.config.message)) throw new ConfigError(problems);
  return { ...bare.config, message: { model_config: bare.config.message } };
}

/**
 * Like {@link openConfig}, but skips and reports invalid parts, so that the caller can add its problems. Throws only
 * syntax errors.
 */
export function readWithProblems(
  text: string,
  options: OpenConfigOptions,
  type = "EasyRecConfig",
): { config: PipelineConfig; problems: readonly Problem[] } {
  const source: Source = { text, name: options.path ?? "config" };
  const report: ConfigReport = { problems: new Findings(source), warnings: new Findings(source) };
  const json = options.path?.toLowerCase().endsWith(".json") ?? false;
  const syntax: SyntaxMessage = json
    ? fromJsonDocument(parseJson(source), messageType(type))
    : { kind: "message", fields: fieldsUntil(new TokenCursor(source), null, null), at: 0, json: false };
  const notes = json ? {} : readNotes(report, text);
  const message = new MessageTyping(report).message(syntax, messageType(type), "");
  return {
    config: deepFreeze({ message, notes, warnings: report.warnings.list() }),
    problems: report.problems.list(),
  };
}

/** Checks a tree made by a program like one read from a text. Throws {@link ConfigError} with every problem. */
export function checkedMessage(message: JsonObject): JsonObject {
  if (isDeeper(message, mostLevels)) {
    throw new ConfigError({ path: "config", message: "nested too deeply", expected: `at most ${mostLevels} levels` });
  }
  const report: ConfigReport = { problems: new Findings(null), warnings: new Findings(null) };
  const syntax = syntaxFromJson(message as Json) as SyntaxMessage;
  const typed = new MessageTyping(report).message(syntax, messageType("EasyRecConfig"), "");
  const problems = report.problems.list();
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(typed);
}
