/** Runs a notebook again without changing the file, and reports saved outputs that differ from the new ones. */
import path from "node:path";
import { NotebookError } from "../errors/index.js";
import type { Provenance } from "../kernel/index.js";
import type { Figure } from "../views/index.js";
import { compareOutputs, type Difference, type IgnoredValue } from "./compare.js";
import { defaultTolerance } from "./compare-values.js";
import { environmentDifferences, recordedProvenance } from "./environment.js";
import { type ExecuteOptions, executeCells } from "./execute.js";
import { prepareToWrite, readNotebook, refuseOtherLanguage, writeNotebook } from "./files.js";
import { firstLine, hasTag, joinLines, type Notebook, type NotebookCell } from "./format.js";
import { injectedCell, type Parameters } from "./parameters.js";
import { savedWidgets } from "./widgets.js";

/** Options of {@link verifyNotebook}. */
export interface VerifyOptions extends Omit<ExecuteOptions, "allowErrors"> {
  /**
   * Largest accepted difference, relative to the larger number. Default: 1e-6. An explicit value also accepts the last
   * digit of a rounded number.
   */
  readonly tolerance?: number;
  /** Parameters in addition to those of the recorded execution, such as the data folder on this machine. */
  readonly parameters?: Parameters;
  /** Where to save the new run. */
  readonly out?: string;
}

export interface CellVerdict {
  /** Counted from 1 over all cells, as an editor shows them. */
  readonly cell: number;
  /** The first meaningful line of the cell. */
  readonly source: string;
  /** `skipped`: the cell has a tag such as `verify-skip`; its differences do not count. */
  readonly verdict: "same" | "differs" | "skipped";
  readonly differences: readonly Difference[];
  /** Times in the library's outputs, and other values that are new in each run, that differ and do not count. */
  readonly ignored: readonly IgnoredValue[];
}

/** The result of {@link verifyNotebook}. */
export interface Verification {
  /** Whether no compared cell differs. */
  readonly ok: boolean;
  /** Verdicts of all code cells that have a source or outputs. */
  readonly cells: readonly CellVerdict[];
  /** Number of cells that were not compared. */
  readonly skipped: number;
  /** How versions, commit, machine, seeds and data differ from the recorded ones; empty if they do not. */
  readonly environment: readonly string[];
  readonly tolerance: number;
}

/** Tags of cells whose outputs are not compared; the second is nbval's, for existing notebooks. */
const skipTags = ["verify-skip", "nbval-ignore-output"];

/**
 * Compares every output: numbers within the tolerance, everything else for equality. Ignores only times in this
 * library's outputs, at the places that the outputs mark, and lists them. Throws a NotebookError if the file is not a notebook, has no outputs, or the kernel cannot be started.
 *
 * @example
 * const { ok, cells } = await verifyNotebook("notebooks/quickstart.ipynb");
 */
export async function verifyNotebook(notebookPath: string, options: VerifyOptions = {}): Promise<Verification> {
  const file = path.resolve(notebookPath);
  const recorded = await readNotebook(file);
  refuseOtherLanguage(recorded, file);
  if (options.out !== undefined) await prepareToWrite(path.resolve(options.out));
  const hasOutputs = ({ outputs = [] }: NotebookCell): boolean => outputs.length > 0;
  const code = recorded.cells.filter(
    (cell) => cell.cell_type === "code" && (joinLines(cell.source).trim() !== "" || hasOutputs(cell)),
  );
  if (!code.some((cell) => cell.execution_count !== null || hasOutputs(cell))) throw nothingToCompare(file);
  const copies = new Map(recorded.cells.map((cell) => [cell, structuredClone(cell)]));
  const fresh: Notebook = { ...structuredClone(recorded), cells: [...copies.values()] };
  injectAfterOthers(fresh, options.parameters ?? {}, file);
  await executeCells(fresh, path.dirname(file), { ...options, allowErrors: wentOnAfterError(code) });
  if (options.out !== undefined) await writeNotebook(path.resolve(options.out), fresh);

  const tolerance = options.tolerance ?? defaultTolerance;
  const widgets = { recorded: savedWidgets(recorded), now: savedWidgets(fresh) };
  const cells: CellVerdict[] = [];
  for (const cell of code) {
    const ignored: IgnoredValue[] = [];
    const comparison = { tolerance, widgets, draw: drawnPng, onIgnored: (value: IgnoredValue) => ignored.push(value) };
    const differences = await compareOutputs(cell.outputs ?? [], copies.get(cell)!.outputs ?? [], comparison);
    const isSkipped = skipTags.some((tag) => hasTag(cell, tag));
    const verdict = isSkipped ? "skipped" : differences.length === 0 ? "same" : "differs";
    cells.push({ cell: recorded.cells.indexOf(cell) + 1, source: firstLine(cell), verdict, differences, ignored });
  }
  return {
    ok: cells.every(({ verdict }) => verdict !== "differs"),
    cells,
    skipped: cells.filter(({ verdict }) => verdict === "skipped").length,
    environment: environmentDifferences(recordedProvenance(recorded), fresh.metadata["pepnet"] as Provenance),
    tolerance,
  };
}

/** A figure's picture, as `figureBundle` draws it. */
async function drawnPng(figure: unknown): Promise<string | null> {
  const { figurePng } = await import("../render/index.js");
  const png = await figurePng(figure as Figure);
  return png === null ? null : Buffer.from(png).toString("base64");
}

/** Keeps the notebook's injected cell: its outputs are for those values. */
function injectAfterOthers(notebook: Notebook, parameters: Parameters, file: string): void {
  if (Object.keys(parameters).length === 0) return;
  const cell = injectedCell(notebook, parameters, file);
  const isBefore = (each: NotebookCell): boolean => hasTag(each, "parameters") || hasTag(each, "injected-parameters");
  const last = notebook.cells.map(isBefore).lastIndexOf(true);
  notebook.cells.splice(last + 1, 0, cell);
}

/** Whether the recorded execution continued after a failed cell. */
function wentOnAfterError(code: readonly NotebookCell[]): boolean {
  const failed = code.findIndex((cell) => cell.outputs?.some((output) => output.output_type === "error"));
  return failed >= 0 && code.slice(failed + 1).some((cell) => (cell.execution_count ?? null) !== null);
}

function nothingToCompare(file: string): NotebookError {
  return new NotebookError({
    path: file,
    message: "the notebook has no outputs to compare with",
    expected: "an executed notebook",
    fix: "execute and save it first: pepnet notebook run, or Run All in JupyterLab",
  });
}
