/** `pepnet notebook verify`: runs notebooks again and reports each output that differs. */
import { Command, InvalidArgumentError, Option } from "commander";
import { NotebookError } from "../../errors/index.js";
import type { CellVerdict, Difference, Verification } from "../../notebook/index.js";
import { visibleLine } from "../../util/text/visible.js";
import { integer } from "../options/index.js";
import { createLog, watchSignals } from "../terminal/index.js";
import { parameterPairs } from "./parameters.js";

interface VerifyCommandOptions {
  readonly parameter?: readonly string[];
  readonly tolerance?: number;
  readonly timeout?: number;
  readonly out?: string;
  readonly json?: boolean;
}

const verifyHelp = `
The file is not changed. Numbers may differ by the tolerance, relative to the larger; an explicit --tolerance also
accepts the last digit of a rounded number. Figures are compared by their data, pictures only if they have no data.
Times, durations and rates are ignored. Cells tagged \`verify-skip\` (or \`nbval-ignore-output\`) are run but not compared.
-p adds a parameter to those in the executed notebook, such as the data folder on this machine.

Exit codes: 0 no differences, 1 differences or an error, 2 misused, 129, 130 or 143 stopped by a signal.

Example: pepnet notebook verify notebooks/quickstart.ipynb`;

const mostDifferences = 12;

/** The command. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description("Run notebooks again and report each output that differs from the saved one.")
    .argument("<notebooks...>", "paths of executed .ipynb files")
    .option("-p, --parameter <name value>", "override a variable of the cell tagged `parameters`; repeatable", collect)
    .addOption(
      new Option("--tolerance <relative>", "largest accepted relative difference (default: 1e-6)").argParser(fraction),
    )
    .addOption(new Option("--timeout <seconds>", "time limit per cell").argParser(integer(1)))
    .option("-o, --out <path>", "save the new run")
    .option("--json", "print the result as JSON")
    .addHelpText("after", verifyHelp)
    .exitOverride()
    .action(verify);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number ≥ 0, such as 1e-3.");
}

async function verify(notebooks: readonly string[], options: VerifyCommandOptions): Promise<void> {
  if (options.out !== undefined && notebooks.length > 1) {
    throw new NotebookError({
      path: "-o",
      message: "one file cannot take several notebooks",
      fix: "verify one at a time",
    });
  }
  const { notebookParameterSets, verifyNotebook } = await import("../../notebook/index.js");
  const signals = watchSignals(createLog(), "cell");
  const results: Record<string, Verification> = {};
  try {
    for (const notebook of notebooks) {
      const [parameters, ...more] = await notebookParameterSets(notebook, {
        pairs: parameterPairs(options.parameter ?? []),
      });
      if (more.length > 0) throw severalValues();
      const { tolerance, timeout, out } = options;
      const result = await verifyNotebook(notebook, {
        parameters,
        tolerance,
        timeout,
        out,
        signal: signals.signal,
      });
      if (signals.exitCode !== null) break;
      results[notebook] = result;
      if (!options.json) console.log(report(notebook, result));
      if (!result.ok) process.exitCode = 1;
    }
  } finally {
    signals.stop();
    if (signals.exitCode !== null) process.exitCode = signals.exitCode;
  }
  if (options.json) console.log(JSON.stringify(results, null, 2));
}

function severalValues(): NotebookError {
  return new NotebookError({
    path: "-p",
    message: "a notebook is verified with one value of each parameter",
    fix: "remove -p: the notebook stores the values that it was executed with",
  });
}

/** Prints the result for people. */
function report(notebook: string, result: Verification): string {
  const differing = result.cells.filter(({ verdict }) => verdict === "differs");
  const skipped = result.cells.filter(({ verdict }) => verdict === "skipped").length;
  const compared = result.cells.length - skipped;
  const notes = [
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(result.timesIgnored > 0 ? [`${result.timesIgnored} times and rates ignored`] : []),
  ];
  const head = result.ok
    ? `✓ ${notebook}: the outputs of ${compared} cells are the same`
    : `✗ ${notebook}: ${differing.length} of ${compared} cells differ`;
  return [
    `${head}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`,
    ...differing.flatMap(cellLines),
    ...result.environment.map((line) => `  note: ${line}`),
    ...(!result.ok && result.environment.some((line) => line.startsWith("machine")) ? [otherMachine] : []),
  ]
    .map(visibleLine)
    .join("\n");
}

const otherMachine =
  "  → this is not the recorded machine, so the last digits can differ: --tolerance 1e-2 accepts those";

function cellLines({ cell, source, differences }: CellVerdict): string[] {
  const firstDifferences = differences.slice(0, mostDifferences);
  const more = differences.length - firstDifferences.length;
  return [
    `  cell ${cell}  ${source.slice(0, 80)}`,
    ...firstDifferences.flatMap(differenceLines),
    ...(more > 0 ? [`    … and ${more} more`] : []),
  ];
}

function differenceLines(difference: Difference): string[] {
  const { output, form, where, kind, recorded, now, relative, differing = 0, of = 0 } = difference;
  const place = [output === undefined ? form : `output ${output}, ${form}`, where].filter(Boolean).join(", ");
  const many = of > 1 ? `${differing} of ${of} numbers differ, ` : "";
  const text = {
    number: `${many}by up to ${percent(relative)}`,
    text: "the text differs",
    picture: "the picture differs, and it has no data to compare",
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
