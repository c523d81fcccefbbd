/** Runs a notebook again without changing the file, and reports saved outputs that differ from the new ones. */
import path from "node:path";
import { NotebookError } from "../../core/errors/index.js";
import * as is from "../../core/util/shape.js";
import type { Figure } from "../../lab/views/view.js";
import type { DataRecord, Provenance, Surroundings, Used } from "../opened-files.js";
import { compareOutputs, type Difference, type IgnoredValue } from "./compare.js";
import { type ExecuteOptions, executeCells } from "./execute.js";
import { prepareToWrite, readNotebook, refuseOtherLanguage, writeNotebook } from "./files.js";
import { firstLine, hasTag, joinLines, type Notebook, type NotebookCell } from "./format.js";
import { injectedCell, type Parameters } from "./parameters.js";
import { defaultTolerance } from "./same-number.js";
import { savedWidgets } from "./widgets.js";

export interface VerifyOptions extends Omit<ExecuteOptions, "allowErrors"> {
  /**
   * Largest difference of two floats, relative to the larger one. Default: 1e-6. Above it, a step of the last digit is
   * accepted too.
   */
  readonly tolerance?: number;
  /** Parameters in addition to those of the recorded execution, such as the data folder on this machine. */
  readonly parameters?: Parameters;
  readonly out?: string;
}

export interface CellVerdict {
  /** Counted from 1 over all cells, as an editor shows them. */
  readonly cell: number;
  readonly source: string;
  /** `skipped`: the cell has a tag such as `verify-skip`; its differences do not count. */
  readonly verdict: "same" | "differs" | "skipped";
  readonly differences: readonly Difference[];
  /** Measured values in the library's outputs, and ids that are new in each run, that differ and do not count. */
  readonly ignored: readonly IgnoredValue[];
}

export interface Verification {
  readonly ok: boolean;
  readonly cells: readonly CellVerdict[];
  readonly skipped: number;
  /** How versions, commit, machine, seeds and data differ from the recorded ones; empty if they do not. */
  readonly environment: readonly string[];
  readonly tolerance: number;
}

/** Tags of cells whose outputs are not compared; the second is nbval's, for existing notebooks. */
const skipTags = ["verify-skip", "nbval-ignore-output"];

/** Compares all outputs but measured values, floats by the tolerance. Throws a NotebookError without outputs. */
export async function verifyNotebook(notebookPath: string, options: VerifyOptions = {}): Promise<Verification> {
  const file = path.resolve(notebookPath);
  const recorded = await readNotebook(file);
  refuseOtherLanguage(recorded, file);
  if (options.out !== undefined) await prepareToWrite(path.resolve(options.out));
  const hasOutputs = ({ outputs = [] }: NotebookCell): boolean => outputs.length > 0;
  const code = recorded.cells.filter(
    (cell) => cell.cell_type === "code" && (joinLines(cell.source).trim() !== "" || hasOutputs(cell)),
  );
  if (!code.some((cell) => cell.execution_count !== null || hasOutputs(cell))) {
    throw new NotebookError({
      path: file,
      message: "the notebook has no outputs to compare with",
      expected: "an executed notebook",
      fix: "execute and save it first: pepnet notebook run, or Run All in JupyterLab",
    });
  }
  const copies = new Map(recorded.cells.map((cell) => [cell, structuredClone(cell)]));
  const fresh: Notebook = { ...structuredClone(recorded), cells: [...copies.values()] };
  injectAfterOthers(fresh, options.parameters ?? {}, file);
  await executeCells(fresh, path.dirname(file), { ...options, allowErrors: wentOnAfterError(code) });
  if (options.out !== undefined) await writeNotebook(path.resolve(options.out), fresh);

  const tolerance = options.tolerance ?? defaultTolerance;
  const cells = await compareCells(recorded, fresh, copies, tolerance);
  return {
    ok: cells.every(({ verdict }) => verdict !== "differs"),
    cells,
    skipped: cells.filter(({ verdict }) => verdict === "skipped").length,
    environment: environmentDifferences(recordedProvenance(recorded), fresh.metadata["pepnet"] as Provenance),
    tolerance,
  };
}

/** Verdicts of the code cells that `copies` pairs with those of a new run. */
export async function compareCells(
  recorded: Notebook,
  fresh: Notebook,
  copies: ReadonlyMap<NotebookCell, NotebookCell>,
  tolerance: number = defaultTolerance,
): Promise<CellVerdict[]> {
  const widgets = { recorded: savedWidgets(recorded), now: savedWidgets(fresh) };
  const cells: CellVerdict[] = [];
  for (const [cell, copy] of copies) {
    const { outputs = [], cell_type: type } = cell;
    if (type !== "code" || (joinLines(cell.source).trim() === "" && outputs.length === 0)) continue;
    const ignored: IgnoredValue[] = [];
    const comparison = { tolerance, widgets, draw: drawnPng, onIgnored: (value: IgnoredValue) => ignored.push(value) };
    const differences = await compareOutputs(outputs, copy.outputs ?? [], comparison);
    const isSkipped = skipTags.some((tag) => hasTag(cell, tag));
    const verdict = isSkipped ? "skipped" : differences.length === 0 ? "same" : "differs";
    cells.push({ cell: recorded.cells.indexOf(cell) + 1, source: firstLine(cell), verdict, differences, ignored });
  }
  return cells;
}

async function drawnPng(figure: unknown): Promise<string | null> {
  const { figurePng } = await import("../../lab/render/png.js");
  const png = await figurePng(figure as Figure);
  return png === null ? null : Buffer.from(png).toString("base64");
}

/** Keeps the notebook's injected cell: its outputs are for those values. */
function injectAfterOthers(notebook: Notebook, parameters: Parameters, file: string): void {
  if (Object.keys(parameters).length === 0) return;
  const cell = injectedCell(notebook, parameters, file);
  const isBefore = (each: NotebookCell): boolean => hasTag(each, "parameters") || hasTag(each, "injected-parameters");
  notebook.cells.splice(notebook.cells.map(isBefore).lastIndexOf(true) + 1, 0, cell);
}

function wentOnAfterError(code: readonly NotebookCell[]): boolean {
  const failed = code.findIndex((cell) => cell.outputs?.some((output) => output.output_type === "error"));
  return failed >= 0 && code.slice(failed + 1).some((cell) => (cell.execution_count ?? null) !== null);
}

/** The record of the environment; `null`: no valid one. Other clients save it in the language info and the outputs. */
export function recordedProvenance(notebook: Pick<Notebook, "cells" | "metadata">): Provenance | null {
  const { pepnet, language_info: language } = notebook.metadata as {
    readonly pepnet?: unknown;
    readonly language_info?: { readonly pepnet?: unknown } | null;
  };
  const around = language?.pepnet;
  const used = notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => ("metadata" in output ? (output.metadata as { pepnet?: unknown }).pepnet : undefined))
    .filter((record) => record !== undefined);
  if (!used.every((record) => is.fits(record, usedShape))) return null;
  // Outputs have records only if another client executed the notebook after `pepnet notebook run`.
  if (is.fits(pepnet, surroundingsShape) && used.length === 0) {
    return is.fits(pepnet, usedShape) ? { ...pepnet, seeds: pepnet.seeds ?? [], data: pepnet.data ?? [] } : null;
  }
  if (!is.fits(around, surroundingsShape)) return null;
  return {
    ...around,
    seeds: once(used.flatMap((record) => record.seeds ?? [])),
    data: latest(used.flatMap((record) => record.data ?? [])),
  };
}

const facts = is.recordOf(
  is.plain<string>("a text or a number", (fact) => typeof fact === "string" || typeof fact === "number"),
);
const surroundingsShape = is.object({
  versions: facts,
  machine: facts,
  git: is.optional(is.object({ commit: is.text })),
}) as is.Shape as is.Shape<Surroundings>;
const usedShape = is.object({
  seeds: is.optional(is.listOf(is.object({ use: is.text, seed: is.plain("a seed", (seed) => seed !== undefined) }))),
  data: is.optional(is.listOf(is.object({ name: is.text }))),
}) as is.Shape as is.Shape<Partial<Used>>;

function once<T extends object>(records: readonly T[]): T[] {
  return [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
}

/** Keeps a record without a hash only if no later one has it. */
function latest(records: readonly DataRecord[]): DataRecord[] {
  const all = once(records);
  const isKnown = ({ name, bytes }: DataRecord): boolean =>
    all.some((other) => other.sha256 !== undefined && other.name === name && other.bytes === bytes);
  return all.filter((record) => record.sha256 !== undefined || !isKnown(record));
}

export function environmentDifferences(recorded: Provenance | null, now: Provenance): string[] {
  if (recorded === null) {
    return [
      "the notebook has no valid record of its environment: another kernel or version executed it, or the record was changed",
    ];
  }
  // Changed files count only if known: the kernel does not check them in JupyterLab.
  const isSame =
    recorded.git?.commit === now.git?.commit && (recorded.git?.dirty ?? false) === (now.git?.dirty ?? false);
  const list = (seeds: Provenance["seeds"]) => seeds.map(({ use, seed }) => `${use} ${seed}`).join(", ") || "none";
  return [
    ...changes("", recorded.versions, now.versions),
    ...(isSame ? [] : [`git: ${gitName(recorded.git)} → ${gitName(now.git)}`]),
    ...changes("machine: ", recorded.machine, now.machine),
    ...(list(recorded.seeds) === list(now.seeds) ? [] : [`seeds: ${list(recorded.seeds)} → ${list(now.seeds)}`]),
    ...dataChanges(recorded.data, now.data),
  ];
}

function changes(what: string, recorded: object, now: object): string[] {
  const [old, fresh] = [new Map(Object.entries(recorded)), new Map(Object.entries(now))];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((key) => old.get(key) !== fresh.get(key))
    .map((key) => `${what}${key} ${old.get(key) ?? "not recorded"} → ${fresh.get(key) ?? "missing"}`);
}

function gitName(git: Provenance["git"]): string {
  if (git === undefined) return "no repository";
  return `${git.commit.slice(0, 10)}${git.dirty ? " with changes" : ""}`;
}

/** Compared by the last part of the name, since folders differ between machines. */
function dataChanges(recorded: readonly DataRecord[], now: readonly DataRecord[]): string[] {
  const key = ({ name }: DataRecord): string => name.split("/").at(-1)!;
  const isSame = (a: DataRecord, b: DataRecord): boolean =>
    a.sha256 === undefined || b.sha256 === undefined ? key(a) === key(b) && a.bytes === b.bytes : a.sha256 === b.sha256;
  const has = (records: readonly DataRecord[], record: DataRecord) => records.some((other) => isSame(other, record));
  const gone = recorded.filter((record) => !has(now, record));
  const fresh = now.filter((record) => !has(recorded, record));
  return [
    ...gone.map((record) => {
      const other = fresh.find((each) => key(each) === key(record));
      return other ? `data: ${record.name} has other contents` : `data: ${record.name} was not opened`;
    }),
    ...fresh
      .filter((each) => !gone.some((record) => key(record) === key(each)))
      .map(({ name }) => `data: ${name} is new`),
  ];
}
