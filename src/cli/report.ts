import { existsSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import type { ReportOptions } from "../api/report-options.js";
import type { EngineChoice } from "../api/training/engines.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { visibleLine } from "../util/text.js";
import { textLine } from "./log.js";
import { engineChoice, integer, openRows, withCsvOptions, withEngineOptions } from "./options.js";

interface ReportChoice extends EngineChoice, CsvOptions, Pick<ReportOptions, "user" | "title" | "rows" | "pictures"> {
  readonly run: string;
  readonly data?: string;
  readonly training?: string;
  readonly baseline?: string;
  readonly output: string;
  readonly force?: boolean;
}

const help = `
Writes a verdict, the worst findings, evaluation, curves, gates, counterfactuals, data, config and provenance as one
HTML file that needs no network. --baseline compares with another run on the same rows, or with scores of production:
columns of --data, one a task. Prints a line per suggestion, then
  saved path=out/report.html bytes=6100000 suggestions=3
Without --data the page has only what the run's folder stores: config and curves. An existing page is replaced;
any other file only with --force.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet report --run runs/first --data test.parquet --training train.parquet -o out/report.html
  pepnet report --run runs/second --data test.parquet --baseline runs/first -o out/report.html
  pepnet report --run runs/second --data test.parquet --baseline ctr=p_ctr,cvr=p_cvr -o out/report.html`;

export function reportCommand(): Command {
  const command = new Command("report")
    .description("Write a run as one HTML page: curves, evaluation, gates, counterfactuals, suggestions.")
    .requiredOption("--run <folder>", "folder of a run from `pepnet train` or run.save()")
    .option("--data <paths>", "labeled rows to evaluate on and to sample gates from")
    .option("--training <paths>", "training rows, to compare data with and to find rare ids")
    .option("--baseline <run>", "folder of a run to compare with, or task=column pairs of scores in --data")
    .option("--user <column>", "column with the user ids: intervals draw whole users (default: grouped_auc's key)")
    .requiredOption("-o, --output <file>", "page to write")
    .option("--title <text>", "page title (default: a summary of the model)")
    .option("--rows <n>", "rows sampled for gates and counterfactuals (default: 10,000)", integer(1))
    .option("--no-pictures", "leave out the static pictures for print and for viewers without scripts")
    .option("--force", "overwrite any existing file");
  return withEngineOptions(withCsvOptions(command)).addHelpText("after", help).action(report);
}

/** `ctr=p_ctr,cvr=p_cvr` as columns by task; `null`: not of this form. */
function scoreColumns(text: string): Readonly<Record<string, string>> | null {
  const pairs = text.split(",").map((pair) => pair.split("="));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(""))) return null;
  return Object.fromEntries(pairs);
}

async function report(options: ReportChoice, command: Command): Promise<void> {
  if (options.baseline !== undefined && options.data === undefined) command.error("error: --baseline needs --data");
  const { loadRun } = await import("../api/model/load-run.js");
  const run = await loadRun(options.run, engineChoice(options));
  const { baseline, user, title, rows, pictures } = options;
  const columns = baseline === undefined || existsSync(baseline) ? null : scoreColumns(baseline);
  const other = baseline === undefined || columns !== null ? null : await loadRun(baseline, engineChoice(options));
  try {
    const written = await run.report(options.data === undefined ? null : await openRows(options.data, options), {
      path: options.output,
      training: options.training === undefined ? undefined : await openRows(options.training, options),
      baseline: columns ?? other ?? undefined,
      baselineName: other === null ? undefined : path.basename(path.resolve(baseline!)),
      ...{ user, title, rows, pictures },
      overwrite: options.force === true,
    });
    for (const { seen, next } of written.suggestions) console.log(visibleLine(`suggestion ${seen} ${next}`));
    const { path: page, bytes, suggestions } = written;
    console.log(textLine("saved", { path: page, bytes, suggestions: suggestions.length }));
  } finally {
    await run.dispose();
    await other?.dispose();
  }
}
