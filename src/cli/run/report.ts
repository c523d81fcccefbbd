/** `pepnet report`: a saved run as one page that opens from disk. */
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
Writes summary, config, data, curves, evaluation, gates, counterfactuals, what to try next (rules that name their
numbers), and with what it was made, as one HTML file without any network. Prints a line per suggestion, then
  saved path=out/report.html bytes=6100000 suggestions=3
Without --data the page has what the run's folder holds: config and curves. A page that is already there is replaced;
another file only with --force.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet report --run runs/first --data test.parquet --training train.parquet -o out/report.html`;

/** The command. */
export function reportCommand(): Command {
  const command = new Command("report")
    .description("Write a run as one HTML page: curves, evaluation, gates, counterfactuals, what to try next.")
    .requiredOption("--run <folder>", "a run that `pepnet train` or run.save() wrote")
    .option("--data <paths>", "rows with labels: to evaluate on, and to look at gates with")
    .option("--training <paths>", "the training rows: to compare with, and to set rarely seen ids apart")
    .requiredOption("-o, --output <file>", "the page to write")
    .option("--title <text>", "the page's title (default: what the model is made of)")
    .option("--rows <n>", "rows sampled for gates and counterfactuals (default: 10,000)", integer(1))
    .option("--no-pictures", "without the pictures for paper and for where scripts do not run")
    .option("--force", "write over any file");
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
