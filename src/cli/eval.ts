/** `pepnet eval`: metrics by task and domain. */
import { Command, Option } from "commander";
import { pipelineText } from "./config-options.js";
import { type CsvChoice, withCsvOptions } from "./csv-options.js";
import { createLog, logEvaluation } from "./log.js";
import { type ModelChoice, openModel, withModelOptions } from "./model-options.js";
import { encodeRows } from "./rows.js";

interface EvalOptions extends ModelChoice, CsvChoice {
  readonly data?: string;
  readonly json?: boolean;
  readonly auc?: "exact" | "streaming";
}

const help = `
Prints a line per task and domain:
  metric task=ctr domain=all within=all rows=50000 positives=5012 auc=0.73 log_loss=0.3 … config.auc=0.73
  metric task=ctr domain=0 domain_name=feed within=all rows=29251 …
A task with a space of its own (purchases within clicks) is measured within it, and once more over all rows.
\`auc\` is exact, or streamed within auc_error_bound of it; the metrics that the config asks for, as
TorchEasyRec computes them, follow as config.NAME.
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
      new Option("--auc <method>", "how AUC is computed (default: exact up to 50 million rows)").choices([
        "exact",
        "streaming",
      ]),
    )
    .option("--json", "lines as JSON objects");
  return withModelOptions(withCsvOptions(command)).addHelpText("after", help).exitOverride().action(evaluateRows);
}

async function evaluateRows(options: EvalOptions, command: Command): Promise<void> {
  const log = createLog(options.json ?? false);
  const { engine, config } = await openModel(options, command);
  try {
    const paths = options.data ?? (config && pipelineText(config, "eval_input_path"));
    if (!paths) command.error("error: name the rows by --data");
    const { evaluate } = await import("../train/index.js");
    const data = await encodeRows(paths as string, engine.spec, log, options);
    logEvaluation(log, await evaluate(engine, data, options.auc ? { auc: options.auc } : {}), {});
  } finally {
    await engine.dispose();
  }
}
