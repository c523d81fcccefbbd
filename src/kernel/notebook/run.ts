/** Executes a notebook through the kernel and saves it with its outputs. */
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { kernelDisplayName, kernelSpecName } from "../kernelspec.js";
import { kernelInfo } from "../process/info.js";
import { KernelClient } from "./client.js";
import { joinLines, type Notebook, type NotebookCell } from "./format.js";
import { OutputCollector } from "./outputs.js";
import { type Parameters, withParameters } from "./parameters.js";
import { provenance } from "./provenance.js";

/** Options of {@link runNotebook}. */
export interface RunNotebookOptions {
  /** Where the executed notebook goes, relative to the caller's folder; in place where it is missing. */
  readonly out?: string;
  /** Values for the variables of the cell tagged `parameters`. */
  readonly parameters?: Parameters;
  /** Go on after a cell that fails. */
  readonly allowErrors?: boolean;
  /** Is told of each code cell when it is done. */
  readonly onProgress?: (progress: NotebookProgress) => void;
  /** The longest that one cell may take, in seconds; without it a cell may take any time. */
  readonly timeout?: number;
}

/** A code cell that is done. */
export interface NotebookProgress {
  /** Among the code cells, from 0. */
  readonly index: number;
  readonly total: number;
  /** The first line of the cell that says something. */
  readonly source: string;
  readonly seconds: number;
}

/** How a notebook ran. */
export interface RunNotebookResult {
  readonly ok: boolean;
  /** The executed notebook, as an absolute path. */
  readonly outPath: string;
  /** The first cell that failed, counted from 1 over all cells as an editor shows them. */
  readonly failedCell?: number;
  /** Its error, `name: message`. */
  readonly error?: string;
}

interface Failed {
  readonly cell: NotebookCell;
  readonly error: string;
}

/**
 * Executes a notebook cell by cell in its own folder. What there is gets saved also where a cell fails.
 * Throws a NotebookError where the file is no notebook, takes no parameters, or the kernel cannot be started.
 *
 * @example
 * const { ok } = await runNotebook("notebooks/movielens.ipynb", { out: "out/ml.ipynb", parameters: { folder: "ml-100k" } });
 */
export async function runNotebook(notebookPath: string, options: RunNotebookOptions = {}): Promise<RunNotebookResult> {
  const file = path.resolve(notebookPath);
  const outPath = path.resolve(options.out ?? file);
  const notebook = await readNotebook(file);
  notebook.cells = withParameters(notebook, options.parameters ?? {}, file);
  clearOutputs(notebook.cells);
  const kernel = await KernelClient.start({ cwd: path.dirname(file) });
  let failed: Failed | null;
  try {
    failed = await runCells(kernel, notebook.cells, options);
  } finally {
    await kernel.shutDown();
    notebook.metadata = { ...notebook.metadata, ...describeKernel(), pepnet: await provenance(path.dirname(file)) };
    await writeNotebook(outPath, notebook);
  }
  if (failed === null) return { ok: true, outPath };
  return { ok: false, outPath, failedCell: notebook.cells.indexOf(failed.cell) + 1, error: failed.error };
}

/** Reads a notebook file. Throws a NotebookError where it is none. */
export async function readNotebook(file: string): Promise<Notebook> {
  const expected = "a notebook of format 4 (.ipynb)";
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const received = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new NotebookError(
      { path: file, message: "the notebook cannot be read", received, expected, fix: "check the path" },
      { cause },
    );
  }
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    const received = (cause as Error).message;
    throw new NotebookError(
      { path: file, message: "the file is not JSON", received, expected, fix: "save it again from Jupyter" },
      { cause },
    );
  }
  if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    const received = `nbformat ${notebook.nbformat ?? "missing"}`;
    throw new NotebookError({
      path: file,
      message: "this notebook format is not read",
      received,
      expected,
      fix: "open and save it in JupyterLab 4",
    });
  }
  return { ...notebook, metadata: notebook.metadata ?? {} } as Notebook;
}

async function runCells(
  kernel: KernelClient,
  cells: readonly NotebookCell[],
  options: RunNotebookOptions,
): Promise<Failed | null> {
  const collector = new OutputCollector();
  const code = cells.filter((cell) => cell.cell_type === "code" && joinLines(cell.source).trim() !== "");
  let failed: Failed | null = null;
  for (const [index, cell] of code.entries()) {
    const start = performance.now();
    const error = await runCell(kernel, cell, collector, options);
    const seconds = (performance.now() - start) / 1000;
    options.onProgress?.({ index, total: code.length, source: firstLine(cell), seconds });
    if (error !== null) failed ??= { cell, error };
    if (kernel.death !== null || (error !== null && !options.allowErrors)) break;
  }
  return failed;
}

/** Runs a cell and gives its error, or null. */
async function runCell(
  kernel: KernelClient,
  cell: NotebookCell,
  collector: OutputCollector,
  { allowErrors = false, timeout }: RunNotebookOptions,
): Promise<string | null> {
  const settings = { stop_on_error: !allowErrors };
  const { reply } = kernel.execute(joinLines(cell.source), (message) => collector.hear(cell, message), settings);
  let timedOut = false;
  const limit =
    timeout === undefined
      ? null
      : setTimeout(() => {
          timedOut = true;
          kernel.interrupt();
          setTimeout(() => kernel.death ?? void kernel.kill(), 10_000).unref();
        }, timeout * 1000);
  try {
    const { content } = await reply;
    if (timedOut) return `the cell took longer than ${timeout} s and was interrupted`;
    return content.status === "ok" ? null : `${content.ename ?? content.status}: ${content.evalue ?? ""}`;
  } catch (error) {
    // The kernel's end is told in the cell that it happened in, and the notebook is saved as far as it came.
    const { name, message } = error as Error;
    cell.outputs = [
      ...(cell.outputs ?? []),
      { output_type: "error", ename: name, evalue: message, traceback: [message] },
    ];
    return timedOut ? `the cell took longer than ${timeout} s and could not be interrupted` : `${name}: ${message}`;
  } finally {
    if (limit) clearTimeout(limit);
  }
}

function clearOutputs(cells: readonly NotebookCell[]): void {
  for (const cell of cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
}

function firstLine(cell: NotebookCell): string {
  const lines = joinLines(cell.source)
    .split("\n")
    .map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("//")) ?? lines.find((line) => line !== "") ?? "";
}

function describeKernel(): object {
  return {
    kernelspec: { display_name: kernelDisplayName, language: "typescript", name: kernelSpecName },
    language_info: kernelInfo().language_info,
  };
}

/** Written beside and then renamed, so that a reader never sees half a notebook. */
async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(beside, `${JSON.stringify(notebook, null, 1)}\n`);
    await rename(beside, file);
  } catch (cause) {
    const received = (cause as Error).message;
    throw new NotebookError(
      {
        path: file,
        message: "the executed notebook cannot be written",
        received,
        fix: "make its folder, or choose another with `out`",
      },
      { cause },
    );
  }
}
