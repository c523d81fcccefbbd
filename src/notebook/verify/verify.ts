/** Runs a notebook again without changing the file, and reports saved outputs that differ from the new ones. */
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
   * Largest accepted difference, relative to the larger number. Default: 1e-6. An explicit value also accepts the last
   * digit of a rounded number.
   */
  readonly tolerance?: number;
  /** Parameters in addition to those of the recorded execution, such as the data folder on this machine. */
  readonly parameters?: Parameters;
  /** Where to save the new run. */
  readonly out?: string;
}

/** The verdict of a cell. */
export interface CellVerdict {
  /** Counted from 1 over all cells, as an editor shows them. */
  readonly cell: number;
  /** The first meaningful line of the cell. */
  readonly source: string;
  readonly verdict: "same" | "differs" | "skipped";
  readonly differences: readonly Difference[];
}

/** The result of {@link verifyNotebook}. */
export interface Verification {
  readonly ok: boolean;
  /** Verdicts of all non-empty code cells. */
  readonly cells: readonly CellVerdict[];
  /** Number of ignored times, durations and rates. */
  readonly timesIgnored: number;
  /** How versions, commit, machine, seeds and data differ from the recorded ones; empty if they do not. */
  readonly environment: readonly string[];
  readonly tolerance: number;
}

/** Tags of cells whose outputs are not compared; the second is nbval's, for existing notebooks. */
const skipTags = ["verify-skip", "nbval-ignore-output"];

/**
 * Compares numbers within the tolerance, figures by their Plotly data rather than their picture, and ignores times.
 * Throws a NotebookError if the file is not a notebook, has no outputs, or the kernel cannot be started.
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
