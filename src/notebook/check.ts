/**
 * Checks that a JSON value is a notebook of format 4. Files are untrusted: every part that violates the format is
 * reported with its location, before anything is executed or written.
 */
import { NotebookError, type Problem } from "../errors/index.js";
import { isObject } from "../util/random.js";
import type { Notebook, NotebookCell, Output } from "./widgets.js";

/** Largest nesting depth: deeper values would overflow the stack of recursive code. */
const mostDepth = 500;
const mostProblems = 10;

type Parts = Readonly<Record<string, unknown>>;

/**
 * Returns the notebook, with optional parts filled in. Throws a NotebookError with the location of each wrong part;
 * locations start with `file`.
 */
export function checkNotebook(value: unknown, file: string): Pick<Notebook, "cells" | "metadata"> & Partial<Notebook> {
  const problems = new Problems(file);
  const notebook = problems.object(value, "", "a notebook: an object with `cells`");
  if (notebook && !problems.list(notebook["cells"], "cells")) problems.stop();
  const metadata = notebook ? problems.object(notebook["metadata"] ?? {}, "metadata", "an object") : null;
  if (metadata) checkMetadata(metadata, problems);
  const cells = ((notebook?.["cells"] ?? []) as unknown[]).map((cell, index) =>
    checkCell(cell, `cells[${index}]`, problems),
  );
  const tooDeep = placeTooDeep(value);
  if (tooDeep !== null)
    problems.add(tooDeep, "the value is nested too deeply", undefined, `at most ${mostDepth} levels`);
  problems.stop();
  return { ...(notebook as object), metadata: metadata!, cells: cells as NotebookCell[] } as Notebook;
}

function checkMetadata(metadata: Parts, problems: Problems): void {
  for (const [name, texts] of [
    ["kernelspec", ["name", "display_name", "language"]],
    ["language_info", ["name"]],
  ] as const) {
    const part = metadata[name];
    if (part === undefined || part === null || !problems.object(part, `metadata.${name}`, "an object")) continue;
    for (const text of texts) problems.text((part as Parts)[text], `metadata.${name}.${text}`, true);
  }
}

function checkCell(value: unknown, place: string, problems: Problems): NotebookCell | null {
  const cell = problems.object(value, place, "a cell: an object with `cell_type` and `source`");
  if (!cell) return null;
  const { cell_type: type, source, outputs, attachments, execution_count: count } = cell;
  if (!["code", "markdown", "raw"].includes(type as string)) {
    problems.add(`${place}.cell_type`, "unknown cell type", type, '"code", "markdown" or "raw"');
  }
  problems.lines(source, `${place}.source`);
  const metadata = problems.object(cell["metadata"] ?? {}, `${place}.metadata`, "an object");
  if (metadata?.["tags"] !== undefined) problems.texts(metadata["tags"], `${place}.metadata.tags`);
  if (count !== undefined && count !== null && !Number.isInteger(count)) {
    problems.add(`${place}.execution_count`, "not a count", count, "a whole number or null");
  }
  if (attachments !== undefined) {
    const bundles = problems.object(attachments, `${place}.attachments`, "an object of pictures by name");
    for (const [name, bundle] of Object.entries(bundles ?? {})) {
      problems.object(bundle, `${place}.attachments[${JSON.stringify(name)}]`, "an object of MIME types");
    }
  }
  if (outputs !== undefined && problems.list(outputs, `${place}.outputs`)) {
    for (const [index, output] of outputs.entries()) checkOutput(output, `${place}.outputs[${index}]`, problems);
  }
  return { ...cell, metadata } as unknown as NotebookCell;
}

function checkOutput(value: unknown, place: string, problems: Problems): void {
  const output = problems.object(value, place, "an output: an object with `output_type`");
  if (!output) return;
  switch (output["output_type"] as Output["output_type"]) {
    case "stream":
      problems.text(output["name"], `${place}.name`);
      problems.lines(output["text"], `${place}.text`);
      return;
    case "error":
      problems.text(output["ename"], `${place}.ename`);
      problems.text(output["evalue"], `${place}.evalue`);
      problems.texts(output["traceback"], `${place}.traceback`);
      return;
    case "display_data":
    case "execute_result":
      checkBundle(output["data"], `${place}.data`, problems);
      if (output["metadata"] !== undefined) problems.object(output["metadata"], `${place}.metadata`, "an object");
      return;
    default:
      problems.add(
        `${place}.output_type`,
        "unknown output type",
        output["output_type"],
        '"stream", "display_data", "execute_result" or "error"',
      );
  }
}

/** Text and pictures are strings; JSON types may have any value. */
function checkBundle(value: unknown, place: string, problems: Problems): void {
  for (const [type, data] of Object.entries(problems.object(value, place, "an object of MIME types") ?? {})) {
    if (!/\bjson$/.test(type)) problems.lines(data, `${place}[${JSON.stringify(type)}]`);
  }
}

class Problems {
  readonly #problems: Problem[] = [];

  constructor(private readonly file: string) {}

  add(place: string, message: string, received: unknown, expected: string): null {
    const description = received === undefined ? {} : { received: describe(received) };
    const path = place === "" ? this.file : `${this.file}: ${place}`;
    this.#problems.push({
      path,
      message,
      ...description,
      expected,
      fix: "open and save it in JupyterLab 4, or fix the file",
    });
    return null;
  }

  stop(): void {
    if (this.#problems.length > 0) throw new NotebookError(this.#problems.slice(0, mostProblems));
  }

  object(value: unknown, place: string, expected: string): Parts | null {
    if (isObject(value)) return value as Parts;
    return this.add(place, "not an object", value ?? null, expected);
  }

  list(value: unknown, place: string): value is unknown[] {
    if (!Array.isArray(value)) this.add(place, "not a list", value ?? null, "a list");
    return Array.isArray(value);
  }

  text(value: unknown, place: string, mayBeMissing = false): void {
    if (typeof value === "string" || (mayBeMissing && (value === undefined || value === null))) return;
    this.add(place, "not text", value ?? null, "text");
  }

  texts(value: unknown, place: string): void {
    if (!this.list(value, place)) return;
    const wrong = value.findIndex((item) => typeof item !== "string");
    if (wrong >= 0) this.text(value[wrong], `${place}[${wrong}]`);
  }

  /** Text as the format stores it: one string, or its lines. */
  lines(value: unknown, place: string): void {
    if (Array.isArray(value)) this.texts(value, place);
    else this.text(value, place);
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** The location of a value that is nested too deeply, or `null`; without recursion. */
function placeTooDeep(value: unknown): string | null {
  const waiting: { readonly value: unknown; readonly place: string; readonly depth: number }[] = [
    { value, place: "", depth: 0 },
  ];
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
