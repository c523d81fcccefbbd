/** `pepnet predict`: predictions as a Parquet file under TorchEasyRec's column names. */
import path from "node:path";
import { Command } from "commander";
import { createLog } from "./log.js";
import { type ModelChoice, openModel, withModelOptions } from "./model-options.js";
import { noteWarnings, openRows } from "./rows.js";

interface PredictOptions extends ModelChoice {
  readonly reserve?: string;
  readonly ownDomain?: boolean;
}

const help = `
Columns of the output, in the order of the input's rows: those of --reserve, then, as TorchEasyRec names them,
logits_{task}_{domain} and probs_{task}_{domain} for every domain (0, 1, …), whichever the row's own is; without domains
logits_{task} and probs_{task}. With --own-domain: logits_{task} and probs_{task} of the row's own domain only.
A softmax task has a list of classes a row, and probs1_{task} for the second of two; an L2 task has y_{task}. Labels
are not needed. Rows are read, predicted and written part by part, however many there are.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet predict --run runs/first test.parquet out/predictions.parquet --reserve user_id,adgroup_id`;

/** The command. */
export function predictCommand(): Command {
  const command = new Command("predict")
    .description("Predict rows and write the predictions as Parquet.")
    .argument("<input>", "a file, a glob, a folder of Parquet or CSV files, or several with commas between")
    .argument("<output>", "the Parquet file to write")
    .option("--reserve <columns>", "columns of the input to copy, with commas between")
    .option("--own-domain", "only the prediction of each row's own domain");
  return withModelOptions(command).addHelpText("after", help).exitOverride().action(predictRows);
}

async function predictRows(input: string, output: string, options: PredictOptions, command: Command): Promise<void> {
  if (path.resolve(input) === path.resolve(output)) command.error("error: the output would overwrite the input");
  const { engine } = await openModel(options, command);
  try {
    const [{ predictedParts }, { predictionRows }, { writeColumns }] = await Promise.all([
      import("../api/predicted-parts.js"),
      import("../data/index.js"),
      import("./write-columns.js"),
    ]);
    const { table } = await openRows(input);
    const reserve = (options.reserve ?? "").split(",").filter((name) => name !== "");
    const rows = predictionRows(table, engine.spec);
    await writeColumns(output, predictedParts(engine, table, rows, { reserve, everyDomain: !options.ownDomain }));
    noteWarnings(input, rows.warnings, createLog(false));
    console.log(`saved rows=${table.rows} path=${output}`);
  } finally {
    await engine.dispose();
  }
}
