/** Checks that JSON is a notebook of format 4: files are untrusted, so every violation is reported with its place. */
import { NotebookError, type Problem } from "../errors/index.js";
import { isObject } from "../util/random.js";
import { clipped } from "../util/text.js";
import type { Notebook, NotebookCell, Output } from "./widgets.js";

/** Largest nesting depth: deeper values would overflow the stack of recursive code. */
const mostDepth = 500;
const mostProblems = 10;

type Shape = (value: unknown, place: string, report: Report) => void;
type Report = (place: string, message: string, received: unknown, expected: string) => void;

const text: Shape = (value, place, report) => {
  if (typeof value !== "string") report(place, "not text", value ?? null, "text");
};
const texts: Shape = (value, place, report) => {
  if (!Array.isArray(value)) return report(place, "not a list", value ?? null, "a list");
  const wrong = value.findIndex((item) => typeof item !== "string");
  if (wrong >= 0) text(value[wrong], `${place}[${wrong}]`, report);
};
const lines: Shape = (value, ...rest) => (Array.isArray(value) ? texts : text)(value, ...rest);

const listOf =
  (shape: Shape): Shape =>
  (value, place, report) => {
    if (!Array.isArray(value)) return report(place, "not a list", value ?? null, "a list");
    for (const [index, item] of value.entries()) shape(item, `${place}[${index}]`, report);
  };
const optional =
  (shape: Shape): Shape =>
  (value, place, report) => {
    if (value !== undefined) shape(value, place, report);
  };
const nullable =
  (shape: Shape): Shape =>
  (value, place, report) => {
    if (value !== undefined && value !== null) shape(value, place, report);
  };
const object =
  (fields: Readonly<Record<string, Shape>>, expected = "an object"): Shape =>
  (value, place, report) => {
    if (!isObject(value)) return report(place, "not an object", value ?? null, expected);
    for (const [name, shape] of Object.entries(fields))
      shape(value[name], place === "" ? name : `${place}.${name}`, report);
  };
const recordOf =
  (shapeOf: (name: string) => Shape, expected: string): Shape =>
  (value, place, report) => {
    object({}, expected)(value, place, report);
    if (!isObject(value)) return;
    for (const [name, item] of Object.entries(value)) shapeOf(name)(item, `${place}[${JSON.stringify(name)}]`, report);
  };

/** Text and pictures are strings; JSON types may have any value. */
const bundle = recordOf((type) => (/\bjson$/.test(type) ? () => {} : lines), "an object of MIME types");
const bundleOutput = object({ data: bundle, metadata: optional(object({})) });
const outputs: { readonly [Type in Output["output_type"]]: Shape } = {
  stream: object({ name: text, text: lines }),
  error: object({ ename: text, evalue: text, traceback: texts }),
  display_data: bundleOutput,
  execute_result: bundleOutput,
};
const output: Shape = (value, place, report) => {
  object({}, "an output: an object with `output_type`")(value, place, report);
  if (!isObject(value)) return;
  const { output_type: type } = value;
  if (Object.hasOwn(outputs, String(type))) outputs[type as Output["output_type"]](value, place, report);
  else {
    const expected = '"stream", "display_data", "execute_result" or "error"';
    report(`${place}.output_type`, "unknown output type", type, expected);
  }
};
const cell = object(
  {
    cell_type(value, place, report) {
      if (["code", "markdown", "raw"].includes(value as string)) return;
      report(place, "unknown cell type", value, '"code", "markdown" or "raw"');
    },
    source: lines,
    metadata: nullable(object({ tags: optional(texts) })),
    execution_count: nullable((value, place, report) => {
      if (!Number.isInteger(value)) report(place, "not a count", value, "a whole number or null");
    }),
    attachments: optional(recordOf(() => object({}, "an object of MIME types"), "an object of pictures by name")),
    outputs: optional(listOf(output)),
  },
  "a cell: an object with `cell_type` and `source`",
);
const kernel = { name: nullable(text), display_name: nullable(text), language: nullable(text) };
const notebookShape = object(
  {
    cells: listOf(cell),
    metadata: nullable(
      object({ kernelspec: nullable(object(kernel)), language_info: nullable(object({ name: nullable(text) })) }),
    ),
  },
  "a notebook: an object with `cells`",
);

/** Fills in optional parts. Throws a NotebookError with the location, from `file`, of each wrong part. */
export function checkNotebook(value: unknown, file: string): Pick<Notebook, "cells" | "metadata"> & Partial<Notebook> {
  const problems: Problem[] = [];
  const report: Report = (place, message, received, expected) => {
    const path = place === "" ? file : `${file}: ${place}`;
    const fix = "open and save it in JupyterLab 4, or fix the file";
    const description = received === undefined ? {} : { received: describe(received) };
    problems.push({ path, message, ...description, expected, fix });
  };
  notebookShape(value, "", report);
  const tooDeep = placeTooDeep(value);
  if (tooDeep !== null) report(tooDeep, "the value is nested too deeply", undefined, `at most ${mostDepth} levels`);
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
