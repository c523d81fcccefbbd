/** `pepnet eval`: prints metrics by task and domain. */
import { Command, Option } from "commander";
import {
  type CsvChoice,
  type ModelChoice,
  openModel,
  openRows,
  withCsvOptions,
  withModelOptions,
} from "../options/index.js";
import { createLog, logEvaluation } from "../terminal/index.js";

interface EvalOptions extends ModelChoice, CsvChoice {
  readonly data?: string;
  readonly json?: boolean;
  readonly auc?: "exact" | "streaming";
}

const help = `
Prints a line per task and domain:
  metric task=ctr domain=all within=all rows=50000 positives=5012 auc=0.73 log_loss=0.3 … config.auc=0.73
  metric task=ctr domain=0 domain_name=feed within=all rows=29251 …
A task with a space (purchases within clicks) is evaluated within the space, and again over all rows.
\`auc\` is exact, or streamed with an error of at most auc_error_bound. The config's metrics, computed as in
TorchEasyRec, follow as config.NAME.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet eval --run runs/first --data test.parquet
  pepnet eval --config pipeline.config --weights weights.safetensors --data test.parquet --json`;

/** The command. */
export function evalCommand(): Command {
  const command = new Command("eval")
    .description("Evaluate a trained model on rows with labels.")
    .option("--data <paths>", "rows to evaluate on (default: the config's eval_input_path)")
    .addOption(
      new Option("--auc <method>", "AUC method (default: exact up to 50 million rows)").choices(["exact", "streaming"]),
    )
    .option("--json", "print lines as JSON objects");
  return withModelOptions(withCsvOptions(command)).addHelpText("after", help).exitOverride().action(evaluateRows);
}

async function evaluateRows(options: EvalOptions, command: Command): Promise<void> {
  const log = createLog(options.json ?? false);
  const { run, config } = await openModel(options, command);
  try {
    const paths = options.data ?? config?.text("eval_input_path");
    if (!paths) command.error("error: rows are missing: set --data");
    const { auc } = options;
    const { facts, notes } = await run.evaluate(await openRows(paths, options), { auc, intervals: false, user: null });
    for (const note of notes) log.note(note);
    logEvaluation(log, facts, {});
  } finally {
    await run.dispose();
  }
}
