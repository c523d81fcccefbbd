/** Commands of a trained model. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import type { ReportOptions } from "../api/report-options.js";
import type { EvaluationOptions } from "../api/run/options.js";
import type { Run } from "../api/run/run.js";
import type { ServedModel } from "../api/served-model.js";
import type { EngineChoice } from "../api/training/engines.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { grouped, visibleLine } from "../util/text.js";
import { createLog, textLine } from "./log.js";
import {
  engineChoice,
  integer,
  listed,
  type ModelChoice,
  openRows,
  withCsvOptions,
  withEngineOptions,
  withModel,
  withModelOptions,
} from "./options.js";

interface EvalOptions extends ModelChoice, CsvOptions, Pick<EvaluationOptions, "auc" | "user"> {
  readonly data?: string;
  readonly json?: boolean;
  readonly intervals?: boolean;
}

/** With more rows than this, intervals are computed only on request: they take about a second for as many. */
const INTERVAL_ROWS = 100_000;

const evalHelp = `
Prints a table at a terminal. Piped, or with --json, it prints a line per task and domain:
  intervals level=0.95 draws=300 seed=1 user=user_id sampled_rows=null
  metric task=ctr domain=all within=all rows=50000 positives=5012 auc=0.73 … auc_low=0.72 auc_high=0.74 …
  metric task=ctr domain=0 domain_name=feed within=all rows=29251 …
A task with a space (purchases within clicks) is evaluated within the space, and again over all rows.
\`auc\` is exact, or streamed with an error of at most auc_error_bound. The config's metrics, computed as in
TorchEasyRec, follow as config.NAME.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet eval --run runs/first --data test.parquet
  pepnet eval --config pipeline.config --weights weights.safetensors --data test.parquet --json`;

export function evalCommand(): Command {
  const command = new Command("eval")
    .description("Evaluate a trained model on rows with labels.")
    .option("--data <paths>", "rows to evaluate on (default: the config's eval_input_path)")
    .addOption(
      new Option("--auc <method>", "AUC method (default: exact up to 50 million rows)").choices(["exact", "streaming"]),
    )
    .option("--intervals", `bootstrap intervals (default: up to ${grouped(INTERVAL_ROWS)} rows)`)
    .option("--no-intervals", "no intervals: faster")
    .option("--user <column>", "column with the user ids: intervals draw whole users (default: grouped_auc's key)")
    .option("--json", "print lines as JSON objects");
  return withModelOptions(withCsvOptions(command)).addHelpText("after", evalHelp).action(evaluateRows);
}

async function evaluateRows(options: EvalOptions, command: Command): Promise<void> {
  const log = createLog(options.json);
  await withModel(options, command, async (run, config) => {
    const paths = options.data ?? config?.text("eval_input_path");
    if (!paths) command.error("error: rows are missing: set --data");
    const rows = await openRows(paths, options);
    const { auc, user, intervals = rows.rows <= INTERVAL_ROWS } = options;
    const { facts, notes } = await run.evaluate(rows, { auc, user, intervals });
    if (options.intervals === undefined && !intervals) {
      log.note(`no intervals for more than ${grouped(INTERVAL_ROWS)} rows: --intervals computes them`);
    }
    for (const note of notes) log.note(note);
    log.evaluation(facts, null);
  });
}

interface PredictOptions extends ModelChoice, CsvOptions {
  readonly model?: string;
  readonly reserve?: readonly string[];
  readonly ownDomain?: boolean;
}

const predictHelp = `
Output rows keep the input's order. The columns are those of --reserve, then, named as in TorchEasyRec,
logits_{task}_{domain} and probs_{task}_{domain} for every domain (0, 1, …), not only the row's; without domains
logits_{task} and probs_{task}. With --own-domain: logits_{task} and probs_{task} of the row's domain only.
A softmax task has a list of classes per row, and probs1_{task} for the second of two; an L2 task has y_{task}. Labels
are not needed, nor is the domain column with --model and without --own-domain. Rows are processed in chunks, so
the input can be larger than memory.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet predict --model served/first today.parquet out/predictions.parquet
  pepnet predict --run runs/first test.parquet out/predictions.parquet --reserve user_id,adgroup_id`;

export function predictCommand(): Command {
  const command = new Command("predict")
    .description("Predict rows and write the predictions as Parquet.")
    .argument("<input>", "a file, a glob, a folder of Parquet or CSV files, or several separated by commas")
    .argument("<output>", "Parquet file to write")
    .option("--model <folder>", "folder from `pepnet export` or run.export(); no training engine is loaded")
    .option("--reserve <columns>", "input columns to copy, separated by commas", listed)
    .option("--own-domain", "predict only for the row's domain");
  return withModelOptions(withCsvOptions(command)).addHelpText("after", predictHelp).action(predictRows);
}

async function predictRows(input: string, output: string, options: PredictOptions, command: Command): Promise<void> {
  if (path.resolve(input) === path.resolve(output)) command.error("error: the output would overwrite the input");
  const write = (model: Run | ServedModel): Promise<void> => writePredictions(model, input, output, options);
  if (options.model === undefined) return withModel(options, command, write);
  for (const other of ["run", "config", "edit", "weights", "engine"] as const) {
    if (options[other] !== undefined) command.error(`error: --model and --${other} exclude each other`);
  }
  const { loadModel } = await import("../api/served-model.js");
  const model = await loadModel(options.model, { threads: options.threads });
  try {
    await write(model);
  } finally {
    await model.dispose();
  }
}

async function writePredictions(
  model: Run | ServedModel,
  input: string,
  output: string,
  { reserve, ownDomain, ...csv }: PredictOptions,
): Promise<void> {
  const columns = reserve?.filter((name) => name !== "");
  const options = { path: output, reserve: columns, everyDomain: !ownDomain };
  const { rowCount, notes } = await model.writePredictions(await openRows(input, csv), options);
  const log = createLog();
  for (const note of notes) log.note(note);
  console.log(textLine("saved", { rows: rowCount, path: output }));
}

interface ReportChoice extends EngineChoice, CsvOptions, Pick<ReportOptions, "user" | "title" | "rows" | "pictures"> {
  readonly run: string;
  readonly data?: string;
  readonly training?: string;
  readonly baseline?: string;
  readonly output: string;
  readonly force?: boolean;
}

const reportHelp = `
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
  return withEngineOptions(withCsvOptions(command)).addHelpText("after", reportHelp).action(report);
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
