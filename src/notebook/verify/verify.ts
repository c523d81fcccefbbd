/** Runs a notebook again, leaves the file alone, and says which of the outputs it holds are not what comes out now. */
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import type { Provenance } from "../../kernel/index.js";
import { type ExecuteOptions, executeCells } from "../execute/execute.js";
import { prepareToWrite, readNotebook, refuseOtherLanguage, writeNotebook } from "../files.js";
import { firstLine, hasTag, joinLines, type Notebook, type NotebookCell } from "../format.js";
import { injectedCell, type Parameters } from "../parameters/inject.js";
import { type Difference, defaultTolerance } from "./difference.js";
import { environmentDifferences } from "./environment.js";
import { compareOutputs } from "./outputs.js";
import { recordedProvenance } from "./recorded.js";

/** Options of {@link verifyNotebook}. */
export interface VerifyOptions extends Omit<ExecuteOptions, "allowErrors"> {
  /**
   * How far numbers may differ, relative to the larger (1e-6). One that is given also forgives the last digit of a
   * rounded number.
   */
  readonly tolerance?: number;
  /** In force beside those that the notebook was executed with, such as where data lie on this machine. */
  readonly parameters?: Parameters;
  /** Where to save the new run. */
  readonly out?: string;
}

/** What became of a cell. */
export interface CellVerdict {
  /** Counted from 1 over all cells, as an editor shows them. */
  readonly cell: number;
  /** The first line of the cell that says something. */
  readonly source: string;
  readonly verdict: "same" | "differs" | "skipped";
  readonly differences: readonly Difference[];
}

/** The result of {@link verifyNotebook}. */
export interface Verification {
  readonly ok: boolean;
  /** Of every code cell that is not empty. */
  readonly cells: readonly CellVerdict[];
  /** Times, durations and rates that were left out. */
  readonly timesIgnored: number;
  /** How versions, commit, machine, seeds and data differ from the recorded ones; empty where they do not. */
  readonly environment: readonly string[];
  readonly tolerance: number;
}

/** Tags of cells whose outputs are not compared; the second is nbval's, for notebooks that have it already. */
const skipTags = ["verify-skip", "nbval-ignore-output"];

/**
 * Compares numbers within the tolerance, figures by their Plotly data rather than their picture, and leaves out times.
 * Throws a NotebookError where the file is no notebook, holds no outputs, or the kernel cannot be started.
 *
 * @example
 * const { ok, cells } = await verifyNotebook("notebooks/quickstart.ipynb");
 */
export async function verifyNotebook(notebookPath: string, options: VerifyOptions = {}): Promise<Verification> {
  const file = path.resolve(notebookPath);
  const recorded = await readNotebook(file);
  refuseOtherLanguage(recorded, file);
  if (options.out !== undefined) await prepareToWrite(path.resolve(options.out));
  const code = recorded.cells.filter((cell) => cell.cell_type === "code" && joinLines(cell.source).trim() !== "");
  if (!code.some((cell) => cell.execution_count !== null || (cell.outputs ?? []).length > 0))
    throw nothingToCompare(file);
  const copies = new Map(recorded.cells.map((cell) => [cell, structuredClone(cell)]));
  const fresh: Notebook = { ...structuredClone(recorded), cells: [...copies.values()] };
  injectAfterOthers(fresh, options.parameters ?? {}, file);
  await executeCells(fresh, path.dirname(file), { ...options, allowErrors: wentOnAfterError(code) });
  if (options.out !== undefined) await writeNotebook(path.resolve(options.out), fresh);

  let timesIgnored = 0;
  const tolerance = options.tolerance ?? defaultTolerance;
  const comparison = { tolerance, onIgnored: () => timesIgnored++ };
  const cells = code.map((cell): CellVerdict => {
    const head = { cell: recorded.cells.indexOf(cell) + 1, source: firstLine(cell) };
    if (skipTags.some((tag) => hasTag(cell, tag))) return { ...head, verdict: "skipped", differences: [] };
    const now = copies.get(cell)!.outputs ?? [];
    const differences = compareOutputs(cell.outputs ?? [], now, comparison);
    return { ...head, verdict: differences.length === 0 ? "same" : "differs", differences };
  });
  return {
    ok: cells.every(({ verdict }) => verdict !== "differs"),
    cells,
    timesIgnored,
    environment: environmentDifferences(recordedProvenance(recorded), fresh.metadata["pepnet"] as Provenance),
    tolerance,
  };
}

/** The notebook's own injected cell stays: its outputs are of those values. */
function injectAfterOthers(notebook: Notebook, parameters: Parameters, file: string): void {
  if (Object.keys(parameters).length === 0) return;
  const cell = injectedCell(notebook, parameters, file);
  const isBefore = (each: NotebookCell): boolean => hasTag(each, "parameters") || hasTag(each, "injected-parameters");
  const last = notebook.cells.map(isBefore).lastIndexOf(true);
  notebook.cells.splice(last + 1, 0, cell);
}

/** Whether the recorded execution was told to go on after a cell that failed. */
function wentOnAfterError(code: readonly NotebookCell[]): boolean {
  const failed = code.findIndex((cell) => cell.outputs?.some((output) => output.output_type === "error"));
  return failed >= 0 && code.slice(failed + 1).some((cell) => (cell.execution_count ?? null) !== null);
}

function nothingToCompare(file: string): NotebookError {
  return new NotebookError({
    path: file,
    message: "the notebook holds no outputs to compare with",
    expected: "an executed notebook",
    fix: "execute and save it first: pepnet notebook run, or Run All in JupyterLab",
  });
}
