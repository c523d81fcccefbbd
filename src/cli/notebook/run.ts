/** `pepnet notebook run`: executes a notebook, once or with many parameter sets. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command, Option } from "commander";
import { NotebookError } from "../../errors/index.js";
import type { Notebook, NotebookProgress, SweepRun } from "../../notebook/index.js";
import type { Json } from "../../util/json.js";
import { visibleBlock, visibleLine } from "../../util/text/visible.js";
import { integer } from "../options/index.js";
import { createLog, type Signals, watchSignals } from "../terminal/index.js";
import { writePage } from "./html.js";
import { parameterPairs } from "./parameters.js";

interface RunOptions {
  readonly out?: string;
  readonly html?: string;
  readonly parameter?: readonly string[];
  readonly parameters?: string;
  readonly jobs: number;
  readonly timeout?: number;
  readonly allowErrors?: boolean;
}

const runHelp = `
A value is parsed by its declared type in the notebook: a number, true or false, plain text, else JSON. Text that names an
existing file is relative to the current folder, although the kernel runs in the notebook's folder.

Several values of a parameter (\`-p gamma 1,2,4\`, or -p more than once) are combined with those of other parameters, and
with each set in --parameters: a JSON array of objects, or CSV with a header. Then -o is a folder with an executed
notebook and a page per set, index.html for all of them, and index.csv for programs. A cell tagged \`result\` sets the
numbers in the index. A failed run does not stop the others.

Exit codes: 0 every cell ran, 1 a cell failed, 2 misused, 129, 130 or 143 stopped by a signal. Finished cells are saved.

Examples:
  pepnet notebook run notebooks/quickstart.ipynb -p gamma 1 -o out/gamma-1.ipynb
  pepnet notebook run notebooks/quickstart.ipynb -p gamma 1,2,4 -p seed 1,2 -o out/gammas --jobs 2`;

/** The command. */
export function runCommand(): Command {
  return new Command("run")
    .description("Execute a notebook, save it with its outputs, and print the text of cells tagged `result`.")
    .argument("<notebook>", "path of an .ipynb file; the kernel runs in its folder")
    .option("-p, --parameter <name value>", "override a variable of the cell tagged `parameters`; repeatable", collect)
    .option("--parameters <file>", "parameter sets, JSON or CSV")
    .option("-o, --out <path>", "notebook to write (default: in place); with several runs, a folder")
    .option("--html <path>", "also write a stand-alone HTML page")
    .addOption(
      new Option("--jobs <count>", "number of concurrent kernels, with several runs").argParser(integer(1)).default(1),
    )
    .addOption(new Option("--timeout <seconds>", "time limit per cell").argParser(integer(1)))
    .option("--allow-errors", "continue after a cell fails")
    .addHelpText("after", runHelp)
    .exitOverride()
    .action(run);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function run(notebook: string, options: RunOptions): Promise<void> {
  const { notebookParameterSets } = await import("../../notebook/index.js");
  const sources = {
    pairs: parameterPairs(options.parameter ?? []),
    file: options.parameters,
  };
  const sets = await notebookParameterSets(notebook, sources);
  const signals = watchSignals(createLog(), "cell");
  try {
    if (sets.length > 1 || options.parameters !== undefined) await runMany(notebook, options, sources, sets, signals);
    else await runOne(notebook, options, sets[0]!, signals);
  } finally {
    signals.stop();
    if (signals.exitCode !== null) process.exitCode = signals.exitCode;
  }
}

async function runOne(
  notebook: string,
  options: RunOptions,
  parameters: Readonly<Record<string, Json>>,
  { signal }: Signals,
): Promise<void> {
  const { assertPagePlace, runNotebook, readNotebook } = await import("../../notebook/index.js");
  const out = path.resolve(options.out ?? notebook);
  if (options.html) await assertPagePlace(path.resolve(options.html));
  const result = await runNotebook(path.resolve(notebook), {
    out,
    parameters,
    ...executeOptions(options),
    signal,
    onProgress: printProgress,
  });
  if (options.html) await writePage(out, path.resolve(options.html));
  for (const text of resultTexts(await readNotebook(out))) console.log(`\n${text}`);
  console.log(`\nExecuted notebook  ${visibleLine(out)}`);
  if (options.html) console.log(`HTML page: ${pathToFileURL(path.resolve(options.html)).href}`);
  if (result.ok) return;
  console.error(`\n✗ cell ${result.failedCell} failed: ${visibleBlock(String(result.error))}`);
  console.error("  → open the notebook above, fix that cell, and run it again");
  process.exitCode = 1;
}

async function runMany(
  notebook: string,
  options: RunOptions,
  sources: { readonly pairs: readonly (readonly [string, string])[]; readonly file?: string },
  sets: readonly Readonly<Record<string, Json>>[],
  { signal }: Signals,
): Promise<void> {
  const { runSweep } = await import("../../notebook/index.js");
  const out = folderFor(options, sets.length);
  console.log(`${sets.length} parameter sets, ${options.jobs} at a time`);
  const { ok, runs, index } = await runSweep(notebook, {
    ...sources,
    out,
    jobs: options.jobs,
    ...executeOptions(options),
    signal,
    onRun: printRun,
  });
  console.log(`\nIndex of the runs  ${pathToFileURL(index).href}`);
  if (ok) return;
  const bad = runs.filter((each) => each.outcome === "failed").length;
  const rest = runs.filter((each) => each.outcome === "interrupted" || each.outcome === "waiting").length;
  console.error(`\n✗ ${bad} of ${runs.length} runs failed${rest > 0 ? `, ${rest} did not finish` : ""}`);
  process.exitCode = 1;
}

function folderFor({ out, html }: RunOptions, sets: number): string {
  if (html !== undefined) {
    throw new NotebookError({
      path: "--html",
      message: "several runs already write one page each",
      fix: "remove --html; the pages are next to the notebooks in the folder of -o",
    });
  }
  if (out !== undefined && !/\.ipynb$/i.test(out)) return out;
  throw new NotebookError({
    path: "-o",
    message: `${sets} runs need a folder for their notebooks`,
    received: out === undefined ? "nothing" : out,
    expected: "a folder",
    fix: "for example: -o out/sweep",
  });
}

function executeOptions({ allowErrors = false, timeout }: RunOptions): { allowErrors: boolean; timeout?: number } {
  return { allowErrors, timeout };
}

/** The plain text of the last values of cells tagged `result`. */
function resultTexts(notebook: Notebook): string[] {
  return notebook.cells
    .filter((cell) => Array.isArray(cell.metadata["tags"]) && cell.metadata["tags"].includes("result"))
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => (output.output_type === "execute_result" ? output.data["text/plain"] : undefined))
    .filter((text) => typeof text === "string" || Array.isArray(text))
    .map((text) => (typeof text === "string" ? text : (text as string[]).join("")));
}

function printProgress(progress: NotebookProgress): void {
  const cell = `[${progress.index + 1}/${progress.total}]`.padEnd(8);
  console.log(`${cell} ${progress.seconds.toFixed(1).padStart(6)} s  ${visibleLine(progress.source.slice(0, 80))}`);
}

function printRun(run: SweepRun, done: number, total: number): void {
  const numbers = Object.entries(run.numbers)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
  const result = run.error === undefined ? numbers.join(", ") : `cell ${run.failedCell}: ${run.error.split("\n")[0]}`;
  const count = `[${done}/${total}]`.padEnd(8);
  console.log(
    `${count} ${run.outcome.padEnd(6)} ${run.seconds.toFixed(1).padStart(6)} s  ${visibleLine(`${run.name}  ${result}`)}`,
  );
}
