/** The commands `pepnet notebook run`, `html` and `verify`. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { NotebookError } from "../../core/errors/index.js";
import { visibleBlock, visibleLine } from "../../core/util/text.js";
import type { Difference } from "../notebook/compare.js";
import type { NotebookProgress } from "../notebook/execute.js";
import { readNotebook } from "../notebook/files.js";
import type { Multiline, Notebook } from "../notebook/format.js";
import type { CellVerdict, Verification } from "../notebook/verify.js";
import { createLog } from "./log.js";
import { describedCommand, integer, numeric } from "./options.js";
import { watchSignals } from "./signals.js";

interface RunOptions {
  readonly out?: string;
  readonly html?: string;
  readonly parameter?: readonly string[];
  readonly timeout?: number;
  readonly allowErrors?: boolean;
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function run(notebook: string, { html, ...options }: RunOptions): Promise<void> {
  const { readParameters } = await import("../notebook/parameters.js");
  const { runNotebook } = await import("../notebook/execute.js");
  const { assertPagePlace, notebookFile } = await import("../notebook/page.js");
  const parameters = await readParameters(notebook, parameterPairs(options.parameter ?? []));
  const signals = watchSignals(createLog(), "cell");
  try {
    const out = path.resolve(options.out ?? notebook);
    const page = html ? path.resolve(html) : null;
    if (page !== null) await assertPagePlace(page, notebookFile);
    const result = await runNotebook(path.resolve(notebook), {
      out,
      parameters,
      allowErrors: options.allowErrors ?? false,
      timeout: options.timeout,
      signal: signals.signal,
      onProgress: printProgress,
    });
    if (page !== null) await writePage(out, page);
    for (const text of await resultTexts(await readNotebook(out))) console.log(`\n${text}`);
    console.log(`\nExecuted notebook  ${visibleLine(out)}`);
    if (page !== null) console.log(`HTML page: ${pathToFileURL(page).href}`);
    if (result.ok) return;
    console.error(`\n✗ cell ${result.failedCell} failed: ${visibleBlock(String(result.error))}`);
    console.error("  → open the notebook above, fix that cell, and run it again");
    process.exitCode = 1;
  } finally {
    signals.stop();
    if (signals.exitCode !== null) process.exitCode = signals.exitCode;
  }
}

async function resultTexts({ cells }: Notebook): Promise<string[]> {
  const { hasTag, joinLines } = await import("../notebook/format.js");
  const outputs = cells.filter((cell) => hasTag(cell, "result")).flatMap((cell) => cell.outputs ?? []);
  return outputs.flatMap((output) => {
    const text = output.output_type === "execute_result" ? output.data["text/plain"] : undefined;
    return text === undefined ? [] : [joinLines(text as Multiline)];
  });
}

function printProgress(progress: NotebookProgress): void {
  const cell = `[${progress.index + 1}/${progress.total}]`.padEnd(8);
  console.log(`${cell} ${progress.seconds.toFixed(1).padStart(6)} s  ${visibleLine(progress.source.slice(0, 80))}`);
}

function htmlCommand(): Command {
  return describedCommand("notebook html").action(async (notebook: string, options: { readonly out?: string }) => {
    const page = path.resolve(options.out ?? notebook.replace(/(\.ipynb)?$/, ".html"));
    await writePage(path.resolve(notebook), page);
    console.log(`HTML page: ${pathToFileURL(page).href}`);
  });
}

async function writePage(notebook: string, page: string): Promise<void> {
  const { assertPagePlace, notebookFile, notebookHtml, writePageFile } = await import("../notebook/page.js");
  await assertPagePlace(page, notebookFile);
  await writePageFile(page, await notebookHtml(await readNotebook(notebook)), notebookFile);
}

/** Joins each `-p name value` into one argument, since the option parser accepts one value per option. */
export function joinParameterPairs(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] !== "-p" && argv[i] !== "--parameter") {
      joined.push(argv[i]!);
      continue;
    }
    const [name, value] = [argv[i + 1], argv[i + 2]];
    if (name === undefined || value === undefined) {
      throw new NotebookError({
        path: `-p ${name ?? ""}`.trim(),
        message: "a parameter needs a name and a value",
        expected: "-p name value",
        fix: "for example: -p gamma 1",
      });
    }
    joined.push(`--parameter=${name}=${value}`);
    i += 2;
  }
  return joined;
}

export function parameterPairs(joined: readonly string[]): [name: string, text: string][] {
  return joined.map((pair) => {
    const split = pair.indexOf("=");
    const name = pair.slice(0, split);
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) {
      throw new NotebookError({
        path: `-p ${name}`,
        message: "a parameter's name must be a TypeScript identifier",
        received: `"${name}"`,
        expected: "letters, digits, _ or $, not beginning with a digit",
        fix: "use the name of a variable in the notebook's parameters cell",
      });
    }
    return [name, pair.slice(split + 1)];
  });
}

export function notebookCommand(): Command {
  const runOnce = describedCommand("notebook run", { "--parameter": collect, "--timeout": integer(1) }).action(run);
  return describedCommand("notebook").addCommand(runOnce).addCommand(verifyCommand()).addCommand(htmlCommand());
}

interface VerifyCommandOptions {
  readonly parameter?: readonly string[];
  readonly tolerance?: number;
  readonly timeout?: number;
  readonly allowSkipped?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const mostDifferences = 12;

const SKIPPED = 3;

const fraction = numeric("a number ≥ 0, such as 1e-3", (value) => value >= 0 && Number.isFinite(value));

export function verifyCommand(): Command {
  const readers = { "--parameter": collect, "--tolerance": fraction, "--timeout": integer(1) };
  return describedCommand("notebook verify", readers).action(verify);
}

async function verify(notebooks: readonly string[], options: VerifyCommandOptions): Promise<void> {
  if (options.out !== undefined && notebooks.length > 1) {
    const message = "one file cannot take several notebooks";
    throw new NotebookError({ path: "-o", message, fix: "verify one at a time" });
  }
  const { readParameters } = await import("../notebook/parameters.js");
  const { verifyNotebook } = await import("../notebook/verify.js");
  const signals = watchSignals(createLog(), "cell");
  const results: Record<string, Verification> = {};
  try {
    for (const notebook of notebooks) {
      const parameters = await readParameters(notebook, parameterPairs(options.parameter ?? []));
      const { tolerance, timeout, out } = options;
      const { signal } = signals;
      const result = await verifyNotebook(notebook, { parameters, tolerance, timeout, out, signal });
      if (signals.exitCode !== null) break;
      results[notebook] = result;
      if (!options.json) console.log(report(notebook, result));
      if (!result.ok) process.exitCode = 1;
      else if (result.skipped > 0 && !options.allowSkipped) process.exitCode ??= SKIPPED;
    }
  } finally {
    signals.stop();
    if (signals.exitCode !== null) process.exitCode = signals.exitCode;
  }
  if (options.json) console.log(JSON.stringify(results, null, 2));
}

function report(notebook: string, result: Verification): string {
  const differing = result.cells.filter(({ verdict }) => verdict === "differs");
  const skipped = result.cells.filter(({ verdict }) => verdict === "skipped");
  const compared = result.cells.length - skipped.length;
  const head = !result.ok
    ? `✗ ${notebook}: ${differing.length} of ${compared} cells differ`
    : `${skipped.length > 0 ? "○" : "✓"} ${notebook}: the outputs of ${compared} cells are the same`;
  return [
    `${head}${skipped.length > 0 ? `, ${skipped.length} not compared` : ""}`,
    ...differing.flatMap(cellLines),
    ...skipped.flatMap((cell) => [
      `  cell ${cell.cell}  skipped by its tag${cell.differences.length > 0 ? "; it differs" : ""}`,
      ...limited(cell.differences.flatMap(differenceLines)),
    ]),
    ...result.cells.filter(({ ignored }) => ignored.length > 0).flatMap(ignoredLines),
    ...result.environment.map((line) => `  note: ${line}`),
    ...(!result.ok && result.environment.some((line) => line.startsWith("machine")) ? [otherMachine] : []),
  ]
    .map(visibleLine)
    .join("\n");
}

function ignoredLines({ cell, ignored }: CellVerdict): string[] {
  const lines = ignored.map(({ output, form, where, recorded, now }) => {
    const place = [output && `output ${output}`, form, where].filter((part) => part !== undefined).join(", ");
    return `    ${place}: ${recorded} → ${now}`;
  });
  return [`  cell ${cell}  ignored: ${lines.length} ${lines.length === 1 ? "value" : "values"}`, ...limited(lines)];
}

const otherMachine =
  "  → this is not the recorded machine, so the last digits can differ: --tolerance 1e-2 accepts those";

function cellLines({ cell, source, differences }: CellVerdict): string[] {
  return [`  cell ${cell}  ${source.slice(0, 80)}`, ...limited(differences.map(differenceLines), "")];
}

function limited(parts: readonly (string | string[])[], unit = " lines"): string[] {
  const more = parts.length - mostDifferences;
  return [...parts.slice(0, mostDifferences).flat(), ...(more > 0 ? [`    … and ${more} more${unit}`] : [])];
}

function differenceLines(difference: Difference): string[] {
  const { output, form, where, kind, recorded, now, relative, differing = 0, of = 0 } = difference;
  const place = [output === undefined ? form : `output ${output}, ${form}`, where].filter(Boolean).join(", ");
  const many = of > 1 ? `${differing} of ${of} numbers differ, ` : "";
  const text = {
    number: `${many}by up to ${percent(relative)}`,
    text: "the text differs",
    picture: "the picture differs",
    missing: "is missing now",
    unexpected: "was not there before",
  }[kind];
  return [
    `    ${place}: ${text}`,
    ...(recorded === undefined ? [] : [`      recorded  ${recorded}`]),
    ...(now === undefined ? [] : [`      now       ${now}`]),
  ];
}

function percent(relative = 0): string {
  if (!Number.isFinite(relative)) return "an unknown amount (a value is missing or not finite)";
  return `${Number((relative * 100).toPrecision(2))}%`;
}
