/**
 * The notebook as the library sees it: outputs, widgets' channels and interrupts. The kernel provides it under a global
 * symbol.
 */
import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { type CellInterrupts, notebookDisplaySymbol } from "../util/interrupt.js";
import type { Work } from "../util/turns.js";

/** One output in several forms, by MIME type: the notebook viewer draws the richest form that it supports. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** An output that can be replaced in place; a saved notebook contains only its last state. */
export interface DisplayHandle {
  /** Replaces the output. Every call sends a message, so the caller must limit the rate. */
  update(bundle: MimeBundle): void;
}

/** The notebook, as seen by the code of a running cell. */
export interface NotebookDisplay extends CellInterrupts {
  /** Adds an output to the running cell. */
  display(bundle: MimeBundle, options?: { readonly displayId?: string }): DisplayHandle;
  /**
   * Aborted by an interrupt, for code of the cell that watches it: the interrupted cell then continues for up to five seconds.
   */
  signal(): AbortSignal;
  /** Removes the outputs of the running cell (`wait`: when the next output arrives). */
  clear(wait?: boolean): void;
  /** Whether outputs may still be replaced after the cell ends: true in JupyterLab and VS Code, false in nbconvert. */
  acceptsLateUpdates?(): boolean;
  /** Channels to the front end, for widgets. @internal */
  readonly comms?: NotebookComms;
  /** The bundle with which the notebook shows a value; `problem` if the value's display method failed. @internal */
  show?(value: unknown): Promise<{ readonly bundle: MimeBundle | null; readonly problem?: unknown }>;
  /** Converts a place in the running JavaScript to a place in the notebook: `cell 3, line 4, column 10`. */
  locate?(file: string, line: number, column: number): string | null;
}

/**
 * Sets how notebooks show a class. A member could not be declared: declarations cannot name a method after a global
 * symbol.
 */
export function showBy<T>(type: { readonly prototype: T }, value: (this: T) => unknown): void {
  Object.defineProperty(type.prototype, Symbol.for("Jupyter.display"), { value });
}

export function notebookDisplay(): NotebookDisplay | null {
  return ((globalThis as Record<symbol, unknown>)[notebookDisplaySymbol] as NotebookDisplay | undefined) ?? null;
}

/** An identifier of the running cell; `null` outside of a notebook. */
export function runningCell(): object | null {
  return notebookDisplay()?.interruption() ?? null;
}

/** Jupyter's comms: channels between a notebook's code and its front end, missing outside a notebook. */

export interface CommMessage {
  readonly data: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
}

export type CommHandler = (message: CommMessage) => void | Promise<void>;

export interface Comm {
  readonly id: string;
  send(message: CommMessage): void;
  close(): void;
}

export interface CommOpening extends CommMessage {
  readonly id: string;
  readonly target: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface NotebookComms {
  /** Opens a channel to the front end, in the name of the running cell. */
  open(opening: CommOpening, onMessage: CommHandler): Comm;
  /** Accepts channels that the front end opens for `target`; a later call replaces an earlier one. */
  accept(target: string, onOpen: (comm: Comm) => CommHandler): void;
}

/** The type of figures: Plotly's JSON, which every front end and Python's plotly read. */
export const plotlyMime = "application/vnd.plotly.v1+json";

/**
 * The type by which the kernel marks figures for its extension, since that of Python's plotly does not redraw updates.
 */
export const figureMime = "application/vnd.pepnet.figure+json";

/** The MIME type that names an output's measured values, such as times; `notebook verify` does not compare them. */
export const timesMime = "application/vnd.pepnet.times+json";

/** The start of a printed line that says when an equal training ended. */
export const cacheLine = "from the cache: an equal training ended on";

/** The places in an output with values that each run or machine measures again: times, rates, memory, use of a cache. */
export interface TimePlaces {
  /** Ranges of characters in the title, which a chart, its text and a table's caption share. */
  readonly title?: readonly (readonly [from: number, to: number])[];
  /** Columns of the table, from 0. */
  readonly columns?: readonly number[];
  /** Ranges of characters in cells of the table, whose rows and columns count from 0. */
  readonly cells?: readonly (readonly [row: number, column: number, from: number, to: number])[];
}

export interface Trail {
  readonly seeds: { readonly use: string; readonly seed: number }[];
  readonly files: string[];
  readonly tables: { readonly name: string; readonly rows: number; readonly sha256: string }[];
}

export interface KeptTrail extends Trail {
  noted(file?: string): void;
}

export const trailSymbol: symbol = Symbol.for("pepnet.trail");

/** The number of bytes to hash between pauses. */
const hashedBytes = 4 * 1024 * 1024;

export function noteSeed(use: string, seed: number): void {
  const keptTrail = trail();
  if (!keptTrail) return;
  if (keptTrail.seeds.every((entry) => entry.use !== use || entry.seed !== seed)) keptTrail.seeds.push({ use, seed });
  keptTrail.noted();
}

export function noteFiles(paths: readonly string[]): void {
  const keptTrail = trail();
  if (!keptTrail) return;
  for (const path of paths.map((each) => resolve(each))) {
    if (!keptTrail.files.includes(path)) keptTrail.files.push(path);
    keptTrail.noted(path);
  }
}

/** Records an in-memory table by its columns: `contents` returns the bytes or text of each. */
export function* noteTable(name: string, rows: number, contents: () => Iterable<ArrayBufferView | string>): Work<void> {
  const keptTrail = trail();
  if (!keptTrail) return;
  const hash = createHash("sha256");
  for (const content of contents()) {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let start = 0; start < bytes.byteLength; start += hashedBytes) {
      hash.update(Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(hashedBytes, bytes.byteLength - start)));
      yield;
    }
    hash.update("\0");
  }
  const sha256 = hash.digest("hex");
  if (!keptTrail.tables.some((entry) => entry.sha256 === sha256))
    keptTrail.tables.push({ name: basename(name), rows, sha256 });
  keptTrail.noted();
}

function trail(): KeptTrail | null {
  return ((globalThis as Record<symbol, unknown>)[trailSymbol] as KeptTrail | undefined) ?? null;
}
