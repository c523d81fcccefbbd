/** The bundle of a value that a cell shows. */
import { inspect, types } from "node:util";
import { figureMime, type MimeBundle, plotlyMime } from "../../core/port/notebook.js";
import { escapeHtml } from "../../core/util/escape.js";
import { isObject } from "../../core/util/json.js";
import { clipped, count, visibleLine } from "../../core/util/text.js";

const displaySymbol = Symbol.for("Jupyter.display");

interface ShowsItself {
  [displaySymbol](): MimeBundle | null | Promise<MimeBundle | null>;
}

const limits = {
  depth: 3,
  maxArrayLength: 24,
  maxStringLength: 4_000,
  breakLength: 100,
  compact: 3,
  sorted: false,
} as const;

const shownLetters = 400;

export interface Shown {
  /** `null`: the value has added its outputs itself. */
  readonly bundle: MimeBundle | null;
  readonly problem?: unknown;
}

/** Returns the bundle of a value, at once unless the value is a promise or its method returns one. Never throws. */
export function show(value: unknown): Shown | Promise<Shown> {
  const failed = (problem: unknown): Shown => ({ bundle: { "text/plain": safeInspect(value) }, problem });
  try {
    if (showsItself(value)) {
      const bundle = value[displaySymbol]();
      if (!isPromise(bundle)) return { bundle: withText(bundle) };
      return bundle.then((awaited) => ({ bundle: withText(awaited) })).catch(failed);
    }
    if (isFrame(value)) return { bundle: frameBundle(value) };
    if (isPromise(value)) return showPromise(value);
    if (isObject(value) && typeof value["outerHTML"] === "string") {
      const { outerHTML: html } = value;
      return { bundle: { "text/html": html, "text/plain": clipped(html, shownLetters) } };
    }
    if (isTensor(value)) return { bundle: { "text/plain": tensorText(value) } };
  } catch (problem) {
    return failed(problem);
  }
  return { bundle: { "text/plain": safeInspect(value) } };
}

export function isOnlyError(value: unknown): value is Error {
  return types.isNativeError(value) && !showsItself(value);
}

function showsItself(value: unknown): value is ShowsItself {
  const canHave = (typeof value === "object" && value !== null) || typeof value === "function";
  return canHave && typeof (value as Partial<ShowsItself>)[displaySymbol] === "function";
}

/** Every bundle needs a text for plain clients; bytes are sent as base64. */
function withText(bundle: MimeBundle | null): MimeBundle | null {
  if (bundle === null) return null;
  if (typeof bundle !== "object") {
    throw new TypeError(`Symbol.for("Jupyter.display") must return an object of MIME types, not ${inspect(bundle)}`);
  }
  const types = Object.keys(bundle);
  return { ...(types.includes("text/plain") ? {} : { "text/plain": `[${types.join(", ")}]` }), ...sendable(bundle) };
}

/**
 * Converts a bundle for sending, and marks a figure. Throws a TypeError if a part is neither text nor bytes nor JSON.
 */
export function sendable(bundle: MimeBundle): MimeBundle {
  const all = plotlyMime in bundle ? { [figureMime]: {}, ...bundle } : bundle;
  return Object.fromEntries(Object.entries(all).map(([type, data]) => [type, asJson(type, data)]));
}

function asJson(type: string, data: unknown): unknown {
  if (typeof data === "string") return data;
  if (data instanceof Uint8Array) return Buffer.from(data).toString("base64");
  try {
    const json = JSON.stringify(data);
    if (json !== undefined) return JSON.parse(json);
  } catch (error) {
    throw new TypeError(`the ${type} value is not valid JSON: ${(error as Error).message}`);
  }
  throw new TypeError(`the ${type} value must be text, bytes or JSON, not ${inspect(data)}`);
}

interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isDisposed: boolean;
  toString(verbose?: boolean): string;
}

function isTensor(value: unknown): value is Tensor {
  if (typeof value !== "object" || value === null || !("dataId" in value)) return false;
  const { shape, dataSync } = value as { shape?: unknown; dataSync?: unknown };
  return Array.isArray(shape) && typeof dataSync === "function";
}

function tensorText(tensor: Tensor): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  return `${head}\n${tensor.toString().replace(/^Tensor\n/, "")}`;
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return types.isPromise(value);
}

/** A promise is shown by its value, without waiting for it. */
async function showPromise(promise: Promise<unknown>): Promise<Shown> {
  const state = /^Promise \{\s*<(pending|rejected)>/.exec(inspect(promise, { depth: 0 }))?.[1];
  if (state === "pending") return { bundle: { "text/plain": "a pending Promise: write await before it" } };
  if (state === "rejected") return { bundle: { "text/plain": "a rejected Promise: write await before it" } };
  return show(await promise);
}

function safeInspect(value: unknown): string {
  try {
    return inspect(value, limits);
  } catch (error) {
    return `[a value that cannot be shown: ${(error as Error)?.message ?? String(error)}]`;
  }
}

export interface Frame {
  readonly columns?: readonly string[];
  readonly name?: string;
  readonly shape: readonly number[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
  readonly dtypes: readonly string[];
  head(rows?: number): Frame;
}

const shownRows = 12;
const shownColumns = 30;

function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const { shape, index, dtypes, columns, head } = value as Partial<Frame>;
  return [shape, index, dtypes, columns].every(Array.isArray) && typeof head === "function";
}

export function frameBundle(frame: Frame): MimeBundle {
  const [rows = 0, columns = 1] = frame.shape;
  const first = frame.head(shownRows);
  const names = (frame.columns ?? []).slice(0, shownColumns);
  const cells = first.values.map((row) => (Array.isArray(row) ? row : [row]).slice(0, shownColumns));
  const size = `${count(rows, "row")} × ${count(columns, "column")}`;
  const left = [
    rows > cells.length ? `the first ${cells.length} shown` : "",
    columns > names.length ? `${names.length} columns shown` : "",
  ];
  const caption = [size, ...left].filter(Boolean).join(", ");
  const head = names
    .map((name, i) => `<th title="${escapeHtml(frame.dtypes[i] ?? "")}">${escapeHtml(name)}</th>`)
    .join("");
  const body = cells.map((row, i) => {
    const data = row.map((value) => `<td>${escapeHtml(cellText(value))}</td>`).join("");
    return `<tr><th>${escapeHtml(String(first.index[i] ?? i))}</th>${data}</tr>`;
  });
  const lines = [names, ...cells.map((row) => row.map(cellText))].map((line) => line.map(visibleLine));
  const widths = names.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const padded = lines.map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  "));
  return {
    "text/html": `<table><thead><tr><th></th>${head}</tr></thead><tbody>${body.join("")}</tbody></table><p>${escapeHtml(caption)}</p>`,
    "text/plain": [...padded, caption].join("\n"),
  };
}

function cellText(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  const text = value instanceof Date ? value.toISOString() : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
