import { Command, Option } from "commander";
import type { EvaluationOptions } from "../api/run/options.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { grouped } from "../util/text.js";
import { createLog } from "./log.js";
import { type ModelChoice, openRows, withCsvOptions, withModel, withModelOptions } from "./options.js";

interface EvalOptions extends ModelChoice, CsvOptions, Pick<EvaluationOptions, "auc" | "user"> {
  readonly data?: string;
  readonly json?: boolean;
  readonly intervals?: boolean;
}

/** With more rows than this, intervals are computed only on request: they take about a second for as many. */
const INTERVAL_ROWS = 100_000;

const help = `
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
  return withModelOptions(withCsvOptions(command)).addHelpText("after", help).action(evaluateRows);
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
