/** Executes a notebook's cells in a new kernel, and collects their outputs. */
import path from "node:path";
import type { Trail } from "../../core/port/notebook.js";
import { attempt } from "../../core/util/attempt.js";
import { KernelClient } from "../client.js";
import { notebookKernelspec } from "../kernel-spec.js";
import { OpenedFiles, type Provenance, shownPath, surroundings } from "../opened-files.js";
import { kernelInfo } from "../process/comms.js";
import { hasChanges, readRepository } from "../repository.js";
import type { Message } from "../wire.js";
import { prepareToWrite, readNotebook, refuseOtherLanguage, writeNotebook } from "./files.js";
import {
  firstLine,
  hasTag,
  joinLines,
  type Notebook,
  type NotebookCell,
  type Output,
  ownMetadata,
  splitLines,
} from "./format.js";
import { type Parameters, withParameters } from "./parameters.js";
import { WidgetStates } from "./widgets.js";

export interface RunNotebookOptions extends ExecuteOptions {
  /** Path of the executed notebook, relative to the caller's folder. Default: in place. */
  readonly out?: string;
  readonly parameters?: Parameters;
}

export interface RunNotebookResult extends Partial<FailedCell> {
  readonly ok: boolean;
  readonly outPath: string;
}

/** Runs a notebook in its folder and saves it even if a cell fails. Throws a NotebookError if it cannot start. */
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

export interface ExecuteOptions {
  readonly allowErrors?: boolean;
  readonly onProgress?: (progress: NotebookProgress) => void;
  /** Time limit per cell in seconds; default: none. */
  readonly timeout?: number;
  /** Aborts: interrupts the running cell; the notebook keeps the outputs so far. */
  readonly signal?: AbortSignal;
}

export interface NotebookProgress {
  readonly index: number;
  readonly total: number;
  readonly source: string;
  readonly seconds: number;
}

export interface FailedCell {
  /** Counted from 1 over all cells, as an editor shows them. */
  readonly failedCell: number;
  readonly error: string;
}

/** Time limit for a cell to end after an interrupt; a `fit` returns within two seconds. */
const interruptGraceMs = 10_000;

export async function executeCells(
  notebook: Notebook,
  folder: string,
  options: ExecuteOptions = {},
): Promise<FailedCell | null> {
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
  }
  const kernel = await KernelClient.start({ cwd: folder });
  const stop = (): void => interruptCell(kernel);
  options.signal?.addEventListener("abort", stop);
  try {
    const widgets = new WidgetStates();
    const failed = await runCells(kernel, notebook.cells, widgets, options);
    const pepnet = await provenance(folder, await readTrail(kernel));
    const language = { kernelspec: notebookKernelspec(), language_info: kernelInfo().language_info };
    notebook.metadata = { ...widgets.metadata(notebook), ...language, pepnet };
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
    cell.outputs?.push({ output_type: "error", ename: name, evalue: message, traceback: [message] });
    return timedOut ? `the cell took longer than ${timeout} s and could not be interrupted` : `${name}: ${message}`;
  } finally {
    if (limit) clearTimeout(limit);
  }
}

function interruptCell(kernel: KernelClient): void {
  kernel.interrupt();
  const timer = setTimeout(() => kernel.death ?? void kernel.kill(), interruptGraceMs);
  void kernel.idle().then(() => clearTimeout(timer));
}

type Display = Extract<Output, { output_type: "display_data" | "execute_result" }>;

class OutputCollector {
  readonly #displays = new Map<string, Display[]>();

  constructor(private readonly widgets: WidgetStates) {}

  hear(cell: NotebookCell, message: Message): void {
    const { header, content } = message;
    this.widgets.hear(message);
    cell.outputs ??= [];
    const type = header.msg_type;
    if (type === "execute_input") cell.execution_count = content.execution_count;
    else if (type === "stream") appendStream(cell, content.name, content.text);
    else if (type === "display_data" || type === "execute_result") this.#add(cell, type, content);
    else if (type === "update_display_data") this.#update(content);
    else if (type === "clear_output") cell.outputs = [];
    else if (type === "error") {
      const { ename, evalue, traceback } = content;
      cell.outputs.push({ output_type: "error", ename, evalue, traceback });
    }
  }

  #add(cell: NotebookCell, type: Display["output_type"], content: Message["content"]): void {
    const display = { data: storedBundle(content.data), metadata: ownMetadata(content) };
    const output: Display =
      type === "display_data"
        ? { output_type: type, ...display }
        : { output_type: type, execution_count: content.execution_count, ...display };
    cell.outputs?.push(output);
    const id: string | undefined = content.transient?.display_id;
    if (id !== undefined) this.#displays.set(id, [...(this.#displays.get(id) ?? []), output]);
  }

  #update(content: Message["content"]): void {
    for (const output of this.#displays.get(content.transient?.display_id) ?? []) {
      output.data = storedBundle(content.data);
      output.metadata = ownMetadata(content);
    }
  }
}

function appendStream(cell: NotebookCell, name: string, text: string): void {
  const last = cell.outputs?.at(-1);
  if (last?.output_type === "stream" && last.name === name) last.text = splitLines(joinLines(last.text) + text);
  else cell.outputs?.push({ output_type: "stream", name, text: splitLines(text) });
}

function storedBundle(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([type, value]) => {
      const isText = typeof value === "string" && !(type.startsWith("image/") && type !== "image/svg+xml");
      return [type, isText ? splitLines(value) : value];
    }),
  );
}

/** The record of a notebook in `folder` with the run's `trail`. Files deleted during the run are left out. */
async function provenance(folder: string, trail: Trail | null): Promise<Provenance> {
  const opened = new OpenedFiles();
  for (const file of trail?.files ?? []) opened.open(file);
  const { versions, machine, git } = surroundings(folder);
  const root = readRepository(folder)?.root ?? null;
  const [dirty] = await Promise.all([root !== null && git ? hasChanges(root) : null, opened.settled()]);
  return {
    versions,
    ...(git === undefined ? {} : { git: { ...git, dirty: dirty ?? undefined } }),
    seeds: trail?.seeds ?? [],
    data: [...opened.records(trail?.files ?? [], (file) => shownPath(file, folder, root)), ...(trail?.tables ?? [])],
    machine,
  };
}

const question = 'console.log(JSON.stringify((globalThis as any)[Symbol.for("pepnet.trail")] ?? null))';
const patienceMs = 10_000;

/**
 * Asks a kernel after the last cell (`port/trail.ts`): the library's trail; null if the kernel has ended, or no cell
 * used a seed or data.
 */
async function readTrail(kernel: KernelClient): Promise<Trail | null> {
  if (kernel.death !== null) return null;
  let text = "";
  const { reply } = kernel.execute(
    question,
    ({ header, content }) => {
      if (header.msg_type === "stream" && content.name === "stdout") text += content.text;
    },
    { store_history: false },
  );
  const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null).unref());
  const answer = await Promise.race([reply.catch(() => null), late]);
  if (answer?.content.status !== "ok") return null;
  // Prints of an abandoned task in the notebook come before or after, on separate lines.
  const line = text.split("\n").find((each) => each.startsWith("{"));
  return attempt(() => JSON.parse(line ?? "null") as Trail | null, null);
}
