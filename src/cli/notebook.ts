/** `pepnet notebook run`: executes a notebook through the project's own kernel. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import type { Notebook, NotebookProgress } from "../kernel/index.js";
import { parseParameters } from "./parameters.js";

interface RunOptions {
  readonly out?: string;
  readonly html?: string;
  readonly parameter: readonly string[];
  readonly allowErrors?: boolean;
}

const runHelp = `
A parameter is a number, true, false, null, JSON or text; text that names an existing file is relative to you, since the
kernel runs in the notebook's folder. Exit codes: 0 every cell ran, 1 a cell failed (what ran is saved), 2 misused.

Example: pepnet notebook run notebooks/quickstart.ipynb -p gamma 1 -o out/gamma-1.ipynb`;

/** The command. */
export function notebookCommand(): Command {
  const run = new Command("run")
    .description("Execute a notebook, save it with its outputs, and print the text of its cells tagged `result`.")
    .argument("<notebook>", "path of an .ipynb file; the kernel runs in its folder")
    .option(
      "-p, --parameter <name value>",
      "override a variable of the cell tagged `parameters`; repeatable",
      collect,
      [],
    )
    .option("-o, --out <path>", "where the executed notebook goes (default: in place)")
    .option("--html <path>", "also write a stand-alone HTML page")
    .option("--allow-errors", "go on after a cell that fails")
    .addHelpText("after", runHelp)
    .exitOverride()
    .action(runNotebookCommand);
  return new Command("notebook")
    .description("Work with notebooks.")
    .addHelpText("after", "\nExample: pepnet notebook run notebooks/quickstart.ipynb -o out/quickstart.ipynb")
    .exitOverride()
    .addCommand(run);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function runNotebookCommand(notebook: string, options: RunOptions): Promise<void> {
  const { runNotebook, notebookHtml } = await import("../kernel/index.js");
  const out = path.resolve(options.out ?? notebook);
  await mkdir(path.dirname(out), { recursive: true });
  const result = await runNotebook(path.resolve(notebook), {
    out,
    parameters: parseParameters(options.parameter, process.cwd()),
    allowErrors: options.allowErrors ?? false,
    onProgress: printProgress,
  });
  const executed = JSON.parse(await readFile(out, "utf8")) as Notebook;
  if (options.html) {
    await mkdir(path.dirname(path.resolve(options.html)), { recursive: true });
    await writeFile(options.html, await notebookHtml(executed));
  }
  for (const text of resultTexts(executed)) console.log(`\n${text}`);
  console.log(`\nExecuted notebook  ${out}`);
  if (options.html) console.log(`Page for a browser ${pathToFileURL(path.resolve(options.html)).href}`);
  if (result.ok) return;
  console.error(`\n✗ cell ${result.failedCell} failed: ${result.error}`);
  console.error("  → open the notebook above, mend that cell, and run it again");
  process.exitCode = 1;
}

/** The plain text of the values at the end of the cells tagged `result`. */
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
  console.log(`${cell} ${progress.seconds.toFixed(1).padStart(6)} s  ${progress.source.slice(0, 80)}`);
}
