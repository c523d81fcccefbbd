/** Executes a notebook file through the kernel and saves it with its outputs. */
import path from "node:path";
import { type ExecuteOptions, executeCells, type FailedCell } from "./execute/execute.js";
import { prepareToWrite, readNotebook, refuseOtherLanguage, writeNotebook } from "./files.js";
import { type Parameters, withParameters } from "./parameters/inject.js";

/** Options of {@link runNotebook}. */
export interface RunNotebookOptions extends ExecuteOptions {
  /** Path of the executed notebook, relative to the caller's folder. Default: in place. */
  readonly out?: string;
  /** Values for the variables of the cell tagged `parameters`. */
  readonly parameters?: Parameters;
}

/** The result of a notebook's execution; if it failed, the first failed cell. */
export interface RunNotebookResult extends Partial<FailedCell> {
  readonly ok: boolean;
  /** Absolute path of the executed notebook. */
  readonly outPath: string;
}

/**
 * Executes a notebook cell by cell in its own folder. Saves the outputs even if a cell fails. Throws a NotebookError if
 * the file is not a notebook or is in another language, `out` cannot be written, a parameter does not match the cell
 * tagged `parameters`, or the kernel cannot be started.
 *
 * @example
 * const { ok } = await runNotebook("notebooks/movielens.ipynb", { out: "out/ml.ipynb", parameters: { folder: "ml-100k" } });
 */
export async function runNotebook(notebookPath: string, options: RunNotebookOptions = {}): Promise<RunNotebookResult> {
  const file = path.resolve(notebookPath);
  const outPath = path.resolve(options.out ?? file);
  const notebook = await readNotebook(file);
  refuseOtherLanguage(notebook, file);
  notebook.cells = withParameters(notebook, options.parameters ?? {}, file);
  await prepareToWrite(outPath);
  const failed = await executeCells(notebook, path.dirname(file), options);
  await writeNotebook(outPath, notebook);
  return failed === null ? { ok: true, outPath } : { ok: false, outPath, ...failed };
}
