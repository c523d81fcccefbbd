import path from "node:path";
import { Command } from "commander";
import type { Run } from "../api/run/run.js";
import type { ServedModel } from "../api/served-model.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { createLog, textLine } from "./log.js";
import { listed, type ModelChoice, openRows, withCsvOptions, withModel, withModelOptions } from "./options.js";

interface PredictOptions extends ModelChoice, CsvOptions {
  readonly model?: string;
  readonly reserve?: readonly string[];
  readonly ownDomain?: boolean;
}

const help = `
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
  return withModelOptions(withCsvOptions(command)).addHelpText("after", help).action(predictRows);
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
