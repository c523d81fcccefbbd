/** Runs the cells of a notebook in a new kernel; writes outputs, counts and provenance into the notebook. */
import { type KernelClient, kernelInfo, notebookKernelspec, startKernel } from "../../kernel/index.js";
import { firstLine, hasTag, joinLines, type Notebook, type NotebookCell } from "../format.js";
import { WidgetStates } from "../widgets.js";
import { OutputCollector } from "./outputs.js";
import { provenance } from "./provenance.js";
import { readTrail } from "./trail.js";

/** Options for running cells. */
export interface ExecuteOptions {
  /** Continue after a cell fails. */
  readonly allowErrors?: boolean;
  /** Called after each code cell. */
  readonly onProgress?: (progress: NotebookProgress) => void;
  /** Time limit per cell in seconds; default: none. */
  readonly timeout?: number;
  /** Aborts: interrupts the running cell; the notebook keeps the outputs so far. */
  readonly signal?: AbortSignal;
}

/** A finished code cell. */
export interface NotebookProgress {
  /** Index among the code cells, from 0. */
  readonly index: number;
  readonly total: number;
  /** The first meaningful line of the cell. */
  readonly source: string;
  readonly seconds: number;
}

/** The first cell that failed. */
export interface FailedCell {
  /** Counted from 1 over all cells, as an editor shows them. */
  readonly failedCell: number;
  /** Its error, `name: message`. */
  readonly error: string;
}

/** Time limit for a cell to end after an interrupt; a `fit` returns within two seconds. */
const interruptGraceMs = 10_000;

/**
 * Executes a notebook in `folder`. Returns the first failure, or null. Throws a NotebookError if the kernel cannot be
 * started.
 */
export async function executeCells(
  notebook: Notebook,
  folder: string,
  options: ExecuteOptions = {},
): Promise<FailedCell | null> {
  clearOutputs(notebook.cells);
  const kernel = await startKernel({ cwd: folder });
  const stop = (): void => interruptCell(kernel);
  options.signal?.addEventListener("abort", stop);
  try {
    const widgets = new WidgetStates();
    const failed = await runCells(kernel, notebook.cells, widgets, options);
    const pepnet = await provenance(folder, await readTrail(kernel));
    notebook.metadata = { ...widgets.metadata(notebook), ...describeKernel(), pepnet };
    return failed;
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await kernel.shutDown();
  }
}

async function runCells(
  kernel: KernelClient,
  cells: readonly NotebookCell[],
  widgets: WidgetStates,
  options: ExecuteOptions,
): Promise<FailedCell | null> {
  const collector = new OutputCollector(widgets);
  const code = cells.filter((cell) => cell.cell_type === "code" && joinLines(cell.source).trim() !== "");
  let failed: FailedCell | null = null;
  for (const [index, cell] of code.entries()) {
    const start = performance.now();
    const error = options.signal?.aborted ? interrupted : await runCell(kernel, cell, collector, options);
    const seconds = (performance.now() - start) / 1000;
    const mayFail = options.allowErrors || hasTag(cell, EXPECTED_ERROR);
    if (error !== null && !hasTag(cell, EXPECTED_ERROR)) failed ??= { failedCell: cells.indexOf(cell) + 1, error };
    if (options.signal?.aborted) break;
    options.onProgress?.({ index, total: code.length, source: firstLine(cell), seconds });
    if (kernel.death !== null || (error !== null && !mayFail)) break;
  }
  return failed;
}

/** The tag of cells that show an error, as nbclient knows it. */
const EXPECTED_ERROR = "raises-exception";

const interrupted = "interrupted";

/** Runs a cell and returns its error, or null. */
async function runCell(
  kernel: KernelClient,
  cell: NotebookCell,
  collector: OutputCollector,
  { allowErrors = false, timeout, signal }: ExecuteOptions,
): Promise<string | null> {
  const settings = { stop_on_error: !allowErrors && !hasTag(cell, EXPECTED_ERROR) };
  const { reply } = kernel.execute(joinLines(cell.source), (message) => collector.hear(cell, message), settings);
  let timedOut = false;
  const limit =
    timeout === undefined
      ? null
      : setTimeout(() => {
          timedOut = true;
          interruptCell(kernel);
        }, timeout * 1000);
  try {
    const { content } = await reply;
    if (timedOut) return `the cell took longer than ${timeout} s and was interrupted`;
    if (signal?.aborted) return interrupted;
    return content.status === "ok" ? null : `${content.ename ?? content.status}: ${content.evalue ?? ""}`;
  } catch (error) {
    // If the kernel ends, the error appears in the running cell, and the notebook is saved so far.
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

/** Interrupts the running cell, and kills the kernel if the cell does not end. */
function interruptCell(kernel: KernelClient): void {
  kernel.interrupt();
  const timer = setTimeout(() => kernel.death ?? void kernel.kill(), interruptGraceMs);
  void kernel.idle().then(() => clearTimeout(timer));
}

function clearOutputs(cells: readonly NotebookCell[]): void {
  for (const cell of cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
}

function describeKernel(): object {
  return {
    kernelspec: notebookKernelspec(),
    language_info: kernelInfo().language_info,
  };
}
