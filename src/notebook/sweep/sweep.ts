/**
 * Runs one notebook with many parameter sets: writes executed notebooks, a page for each, and an index page that is
 * updated after each run. A failed run does not stop the others.
 */

import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { type ExecuteOptions, executeCells } from "../execute/execute.js";
import { readNotebook, refuseOtherLanguage, writeNotebook } from "../files.js";
import type { Notebook } from "../format.js";
import { notebookHtml, notebookTitle } from "../page/page.js";
import { notebookParameters, type Parameters, withParameters } from "../parameters/inject.js";
import { indexCsv } from "./index-csv.js";
import { indexHtml } from "./index-page.js";
import { keyNumbers } from "./key-numbers.js";
import { sweepNames } from "./names.js";
import { savePictures } from "./pictures.js";
import { parameterSets, type SetSources } from "./sets.js";
import { assertSweepPlace, sharedFiles } from "./sweep-place.js";
import type { SweepRun } from "./sweep-run.js";

/** Options of {@link runSweep}. */
export interface SweepOptions extends SetSources, Omit<ExecuteOptions, "onProgress"> {
  /** The folder for the notebooks and their index; created if missing. */
  readonly out: string;
  /** Number of concurrent kernels. Default: 1. */
  readonly jobs?: number;
  /** Called after each run. */
  readonly onRun?: (run: SweepRun, done: number, total: number) => void;
}

/** The result of a sweep. */
export interface SweepResult {
  readonly ok: boolean;
  readonly runs: readonly SweepRun[];
  /** Absolute path of the index page. */
  readonly index: string;
}

/** The parameter sets of a notebook from {@link SetSources}. Throws a NotebookError if they do not match it. */
export async function notebookParameterSets(notebookPath: string, sources: SetSources): Promise<Parameters[]> {
  if (sources.file === undefined && (sources.pairs ?? []).length === 0) return [{}];
  const file = path.resolve(notebookPath);
  const notebook = await readNotebook(file);
  refuseOtherLanguage(notebook, file);
  const names = (sources.pairs ?? []).map(([name]) => name);
  const declared = notebookParameters(notebook, names.length > 0 ? names : [`the sets of ${sources.file}`], file);
  const sets = await parameterSets(sources, declared, file);
  for (const set of sets) withParameters(notebook, set, file);
  return sets;
}

/**
 * Runs every set. Throws a NotebookError before the first run if a set does not match the notebook.
 *
 * @example
 * await runSweep("notebooks/quickstart.ipynb", { pairs: [["gamma", "1,2,4"]], out: "out/gammas", jobs: 2 });
 */
export async function runSweep(notebookPath: string, options: SweepOptions): Promise<SweepResult> {
  const file = path.resolve(notebookPath);
  const out = path.resolve(options.out);
  const sets = await notebookParameterSets(file, options);
  const notebook = await readNotebook(file);
  const names = sweepNames(file, sets);
  await assertSweepPlace(out, names);
  await makeFolder(out);
  const runs: SweepRun[] = sets.map((parameters, index) => {
    return { name: names[index]!, parameters, outcome: "waiting", seconds: 0, numbers: {}, pictures: [] };
  });
  const index = path.join(out, sharedFiles.index);
  const saveIndex = async (): Promise<void> => {
    await writeFileWhole(index, indexHtml({ title: notebookTitle(notebook), notebook: path.basename(file), runs }));
    await writeFileWhole(path.join(out, sharedFiles.csv), indexCsv(runs));
  };
  let next = 0;
  let done = 0;
  let saving = Promise.resolve();
  const work = async (): Promise<void> => {
    while (next < runs.length && !options.signal?.aborted) {
      const at = next++;
      const run = await runOne(notebook, file, out, runs[at]!, options);
      runs[at] = run;
      options.onRun?.(run, ++done, runs.length);
      saving = saving.then(saveIndex);
      await saving;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs ?? 1) }, work));
  await saveIndex();
  return { ok: runs.every((run) => run.outcome === "ok"), runs, index };
}

async function runOne(
  source: Notebook,
  file: string,
  out: string,
  run: SweepRun,
  options: SweepOptions,
): Promise<SweepRun> {
  const start = performance.now();
  const notebook = structuredClone(source);
  notebook.cells = withParameters(notebook, run.parameters, file);
  try {
    const failed = await executeCells(notebook, path.dirname(file), options);
    await writeNotebook(path.join(out, `${run.name}.ipynb`), notebook);
    await writePage(notebook, out, run.name);
    return {
      ...run,
      outcome: options.signal?.aborted ? "interrupted" : failed === null ? "ok" : "failed",
      seconds: (performance.now() - start) / 1000,
      ...failed,
      numbers: keyNumbers(notebook),
      pictures: await savePictures(notebook, out, run.name),
    };
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    return { ...run, outcome: "failed", seconds: (performance.now() - start) / 1000, error: error.message };
  }
}

/** The pages share one plotly.js, so that a hundred pages do not take half a gigabyte. */
async function writePage(notebook: Notebook, out: string, name: string): Promise<void> {
  await writeFileWhole(path.join(out, sharedFiles.plotly), await readFile(require.resolve("plotly.js-dist-min")));
  await writeFileWhole(path.join(out, `${name}.html`), await notebookHtml(notebook, { plotly: sharedFiles.plotly }));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new NotebookError(
      {
        path: folder,
        message: "several runs need a folder, and this path cannot be one",
        received: (cause as Error).message,
        fix: "use a new folder, such as out/sweep",
      },
      { cause },
    );
  }
}
