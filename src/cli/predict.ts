/** `pepnet predict`: predictions as a Parquet file under TorchEasyRec's column names. */
import path from "node:path";
import { Command } from "commander";
import type { PredictionColumn } from "../api/predictions.js";
import type { EncodedData } from "../data/encoded.js";
import { sharedInts } from "../data/encoded.js";
import type { Engine } from "../engine/engine.js";
import { type ModelChoice, openModel, withModelOptions } from "./model-options.js";
import { openRows } from "./rows.js";

interface PredictOptions extends ModelChoice {
  readonly reserve?: string;
  readonly ownDomain?: boolean;
}

const help = `
Columns of the output, in the order of the input's rows: those of --reserve, then, as TorchEasyRec names them,
logits_{task}_{domain} and probs_{task}_{domain} for every domain (0, 1, …), whichever the row's own is; without domains
logits_{task} and probs_{task}. With --own-domain: logits_{task} and probs_{task} of the row's own domain only.
A softmax task has a list of classes a row, and probs1_{task} for the second of two; an L2 task has y_{task}. Labels
are not needed.
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
    const [{ dataset }, { encode }] = await Promise.all([import("../api/index.js"), import("../data/index.js")]);
    const rows = await openRows(input);
    const names = (options.reserve ?? "").split(",").filter((name) => name !== "");
    const reserved = rows.table.select(...names);
    const data = await encode(rows.table, engine.spec, { labels: false });
    const { table } = await dataset(await predictions(engine, data, options.ownDomain ?? false));
    const kept = names.length === 0 ? [] : await reserved.read();
    const columns = [...reserved.columns, ...table.columns];
    const { writeColumns } = await import("./write-columns.js");
    await writeColumns(output, columns, new Map([...kept, ...(await table.read())]));
    console.log(`saved rows=${rows.rows} path=${output}`);
  } finally {
    await engine.dispose();
  }
}

/** Columns by name. Which domain's towers are asked is a matter of routing alone: the gates see the features. */
async function predictions(engine: Engine, data: EncodedData, own: boolean): Promise<Record<string, PredictionColumn>> {
  const { predictionColumns } = await import("../api/predictions.js");
  const { predict } = await import("../train/index.js");
  const { spec } = engine;
  if (spec.domains === null || own) return predictionColumns(spec, await predict(engine, data));
  const columns: Record<string, PredictionColumn> = {};
  for (let domain = 0; domain < spec.domains.count; domain++) {
    const domains = sharedInts(data.rows).fill(domain);
    Object.assign(columns, predictionColumns(spec, await predict(engine, { ...data, domains }), domain));
  }
  return columns;
}
