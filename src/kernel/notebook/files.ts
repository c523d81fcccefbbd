/** Reads and writes notebooks of format 4. Files are untrusted, so every violation is reported with its place. */
import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { NotebookError, type Problem } from "../../core/errors/index.js";
import { makeFolders } from "../../core/util/files/make-folders.js";
import { fileProblem, readText } from "../../core/util/files/read-whole.js";
import { isObject } from "../../core/util/json.js";
import * as is from "../../core/util/shape.js";
import { clipped } from "../../core/util/text.js";
import { writeFileWhole } from "../../core/util/write-whole.js";
import type { Notebook, NotebookCell, Output } from "./format.js";

export async function readNotebook(file: string): Promise<Notebook> {
  const expected = "a notebook of format 4 (.ipynb)";
  const text = await readText(file, "text").catch((cause: unknown) => {
    const problem = fileProblem(cause, "the notebook cannot be read");
    throw new NotebookError({ path: file, expected, fix: "check the path", ...problem, cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const [received, fix] = [(cause as Error).message, "save it again from Jupyter"];
    throw new NotebookError({ path: file, message: "the file is not JSON", received, expected, fix, cause });
  }
  const format = formatOf(value);
  if (format !== 4) {
    throw new NotebookError({
      path: file,
      message: "unsupported notebook format",
      received: format === undefined ? "no `nbformat`" : `nbformat ${JSON.stringify(format)?.slice(0, 40)}`,
      expected,
      fix: "open and save it in JupyterLab 4",
    });
  }
  return checkNotebook(value, file) as Notebook;
}

function formatOf(value: unknown): unknown {
  return isObject(value) ? value["nbformat"] : undefined;
}

/** Throws a NotebookError if the notebook is in another language: its cells would only fail. */
export function refuseOtherLanguage({ metadata }: Notebook, file: string): void {
  const { kernelspec, language_info: info } = metadata as {
    readonly kernelspec?: { readonly language?: string; readonly display_name?: string };
    readonly language_info?: { readonly name?: string };
  };
  const language = kernelspec?.language ?? info?.name;
  if (language === undefined || /^(typescript|javascript)$/i.test(language)) return;
  throw new NotebookError({
    path: file,
    message: "the notebook is for another kernel",
    received: kernelspec?.display_name ?? language,
    expected: "a notebook in TypeScript",
    fix: "execute it with `jupyter execute`, or select the kernel TypeScript (PEPNet) in JupyterLab",
  });
}

/** Creates an output's folder before an execution of hours, or throws a NotebookError. */
export async function prepareToWrite(file: string): Promise<void> {
  try {
    makeFolders(path.dirname(file));
    await access(path.dirname(file), constants.W_OK);
  } catch (cause) {
    throw notWritable(file, (cause as Error).message, cause);
  }
  const stats = await stat(file).catch(() => null);
  if (stats?.isDirectory()) throw notWritable(file, "a folder");
  if (stats?.isFile() && stats.size > 0 && !(await isNotebook(file))) {
    throw notWritable(file, "a file that is not a notebook, which would be replaced");
  }
}

async function isNotebook(file: string): Promise<boolean> {
  try {
    return formatOf(JSON.parse(await readText(file, "text"))) !== undefined;
  } catch {
    return false;
  }
}

function notWritable(file: string, received: string, cause?: unknown): NotebookError {
  return new NotebookError({
    path: file,
    message: "the executed notebook cannot be written",
    received,
    expected: "a file path in a writable folder",
    fix: "choose another path with `out`",
    cause,
  });
}

export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  await writeFileWhole(file, `${JSON.stringify(notebook, null, 1)}\n`).catch((cause: Error) => {
    throw notWritable(file, cause.message, cause);
  });
}

/** Largest nesting depth: deeper values would overflow the stack of recursive code. */
const mostDepth = 500;
const mostProblems = 10;

const text = is.plain<string>("text", (value) => typeof value === "string");
const texts = is.listOf(text);
const lines: is.Shape = (value, ...rest) => (Array.isArray(value) ? texts : text)(value, ...rest);

function nullable(shape: is.Shape): is.Shape {
  return is.optional(is.nullable(shape));
}

function recordOf(shapeOf: (name: string) => is.Shape, expected: string): is.Shape {
  return (value, at, report) => {
    is.object({}, expected)(value, at, report);
    if (!isObject(value)) return;
    for (const [name, item] of Object.entries(value)) shapeOf(name)(item, `${at}[${JSON.stringify(name)}]`, report);
  };
}

/** Text and pictures are strings; JSON types may have any value. */
const bundle = recordOf((type) => (/\bjson$/.test(type) ? () => {} : lines), "an object of MIME types");
const bundleOutput = is.object({ data: bundle, metadata: is.optional(is.object({})) });
const outputs: { readonly [Type in Output["output_type"]]: is.Shape } = {
  stream: is.object({ name: text, text: lines }),
  error: is.object({ ename: text, evalue: text, traceback: texts }),
  display_data: bundleOutput,
  execute_result: bundleOutput,
};
const output: is.Shape = (value, at, report) => {
  is.object({}, "an output: an object with `output_type`")(value, at, report);
  if (!isObject(value)) return;
  const { output_type: type } = value;
  const isKnown = typeof type === "string" && Object.hasOwn(outputs, type);
  if (isKnown) outputs[type as Output["output_type"]](value, at, report);
  else {
    report(`${at}.output_type`, type, '"stream", "display_data", "execute_result" or "error"', "unknown output type");
  }
};
const cellTypes = ["code", "markdown", "raw"];
const cell = is.object(
  {
    cell_type: is.plain(
      '"code", "markdown" or "raw"',
      (value) => cellTypes.includes(value as string),
      "unknown cell type",
    ),
    source: lines,
    metadata: nullable(is.object({ tags: is.optional(texts) })),
    execution_count: nullable(is.plain("a whole number or null", Number.isInteger, "not a count")),
    attachments: is.optional(recordOf(() => is.object({}, "an object of MIME types"), "an object of pictures by name")),
    outputs: is.optional(is.listOf(output)),
  },
  "a cell: an object with `cell_type` and `source`",
);
const kernel = { name: nullable(text), display_name: nullable(text), language: nullable(text) };
const languageInfo = nullable(is.object({ name: nullable(text) }));
const notebookShape = is.object(
  {
    cells: is.listOf(cell),
    metadata: nullable(is.object({ kernelspec: nullable(is.object(kernel)), language_info: languageInfo })),
  },
  "a notebook: an object with `cells`",
);

/** Fills in optional parts. Throws a NotebookError with the location, from `file`, of each wrong part. */
export function checkNotebook(value: unknown, file: string): Pick<Notebook, "cells" | "metadata"> & Partial<Notebook> {
  const problems: Problem[] = [];
  const report = (place: string, problem: Omit<Problem, "path" | "fix">): void => {
    const path = place === "" ? file : `${file}: ${place}`;
    problems.push({ path, ...problem, fix: "open and save it in JupyterLab 4, or fix the file" });
  };
  notebookShape(value, "", (place, received, expected, message) => {
    const isMissingType = received === undefined && message.startsWith("unknown");
    report(place, { message, ...(isMissingType ? {} : { received: describe(received ?? null) }), expected });
  });
  const tooDeep = placeTooDeep(value);
  const expected = `at most ${mostDepth} levels`;
  if (tooDeep !== null) report(tooDeep, { message: "the value is nested too deeply", expected });
  if (problems.length > 0) throw new NotebookError(problems.slice(0, mostProblems));
  const { cells, metadata, ...rest } = value as Notebook;
  return {
    ...rest,
    metadata: metadata ?? {},
    cells: cells.map((each): NotebookCell => ({ ...each, metadata: each.metadata ?? {} })),
  };
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return clipped(JSON.stringify(value) ?? String(value));
}

/** The location of a value that is nested too deeply, or `null`; without recursion. */
function placeTooDeep(value: unknown): string | null {
  const waiting = [{ value, place: "", depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value: current, place, depth } = next;
    if (typeof current !== "object" || current === null) continue;
    if (depth >= mostDepth) return `${place.slice(0, 60)}…`;
    for (const [key, item] of Object.entries(current)) {
      if (typeof item !== "object" || item === null) continue;
      const step = Array.isArray(current) ? `[${key}]` : `${place === "" ? "" : "."}${key}`;
      waiting.push({ value: item, place: place.length > 60 ? place : place + step, depth: depth + 1 });
    }
  }
  return null;
}
