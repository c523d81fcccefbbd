/** `pepnet report`: writes a saved run as one HTML page that opens from disk. */
import { Command } from "commander";
import { visibleLine } from "../../util/text/visible.js";
import {
  type CsvChoice,
  type EngineChoice,
  engineChoice,
  integer,
  openRows,
  withCsvOptions,
  withEngineOptions,
} from "../options/index.js";
import { textLine } from "../terminal/index.js";

interface ReportChoice extends EngineChoice, CsvChoice {
  readonly run: string;
  readonly data?: string;
  readonly training?: string;
  readonly output: string;
  readonly title?: string;
  readonly rows?: number;
  readonly pictures: boolean;
  readonly force?: boolean;
}

const help = `
Writes summary, config, data, curves, evaluation, gates, counterfactuals, suggestions (each with its numbers) and
provenance, as one HTML file that needs no network. Prints a line per suggestion, then
  saved path=out/report.html bytes=6100000 suggestions=3
Without --data the page has only what the run's folder stores: config and curves. An existing page is replaced;
any other file only with --force.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet report --run runs/first --data test.parquet --training train.parquet -o out/report.html`;

/** The command. */
export function reportCommand(): Command {
  const command = new Command("report")
    .description("Write a run as one HTML page: curves, evaluation, gates, counterfactuals, suggestions.")
    .requiredOption("--run <folder>", "folder of a run from `pepnet train` or run.save()")
    .option("--data <paths>", "labeled rows to evaluate on and to sample gates from")
    .option("--training <paths>", "training rows, to compare data with and to find rare ids")
    .requiredOption("-o, --output <file>", "page to write")
    .option("--title <text>", "page title (default: a summary of the model)")
    .option("--rows <n>", "rows sampled for gates and counterfactuals (default: 10,000)", integer(1))
    .option("--no-pictures", "leave out the static pictures for print and for viewers without scripts")
    .option("--force", "overwrite any existing file");
  return withEngineOptions(withCsvOptions(command)).addHelpText("after", help).exitOverride().action(report);
}

async function report(options: ReportChoice): Promise<void> {
  const { loadRun } = await import("../../api/index.js");
  const run = await loadRun(options.run, engineChoice(options));
  try {
    const written = await run.report(options.data === undefined ? null : await openRows(options.data, options), {
      path: options.output,
      training: options.training === undefined ? undefined : await openRows(options.training, options),
      title: options.title,
      rows: options.rows,
      pictures: options.pictures,
      overwrite: options.force === true,
    });
    for (const { seen, next } of written.suggestions) console.log(visibleLine(`suggestion ${seen} ${next}`));
    const { path, bytes } = written;
    console.log(textLine("saved", { path, bytes, suggestions: written.suggestions.length }));
  } finally {
    await run.dispose();
  }
}
