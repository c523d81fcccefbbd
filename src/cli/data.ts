import { Command, InvalidArgumentError } from "commander";
import type { PreparedDataset } from "../api/model/prepare.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { shellPath } from "../util/near.js";
import { listed, openRows, readConfig, withCsvOptions } from "./options.js";

const help = `
Download public data sets yourself and leave them unchanged; nothing is fetched. Each recipe writes train.parquet,
test.parquet and pipeline.config, and reports what it did. Exit codes: 0 done, 1 an error or a failed check, 2 misused.

Examples:
  pepnet data describe train.parquet --labels clk,buy --domain occupation
  pepnet data check train.parquet --config pipeline.config
  pepnet data taobao downloads/taobao --out data/taobao --users 0.05
  pepnet data movielens downloads/ml-20m --out data/ml-20m
  pepnet data generate log.parquet --rows 1000000`;

export function dataCommand(): Command {
  return new Command("data")
    .description("Describe data, check it against a config, prepare public data sets, generate logs.")
    .addHelpText("after", help)
    .addCommand(describeCommand())
    .addCommand(checkCommand())
    .addCommand(taobaoCommand())
    .addCommand(movielensCommand())
    .addCommand(generateCommand());
}

function describeCommand(): Command {
  const command = new Command("describe")
    .description("Show rows, columns, missing values, cardinalities and positive rates by domain.")
    .argument("<paths>", "Parquet or CSV: a file, glob or folder, or several separated by commas")
    .option("--labels <names>", "label columns, separated by commas", listed)
    .option("--domain <column>", "domain column")
    .option(
      "--training <paths>",
      "training rows: counts the rows with values that are missing there, and measures drift",
    );
  return withCsvOptions(command).action(
    async (paths: string, options: CsvOptions & { labels?: string[]; domain?: string; training?: string }) => {
      const data = await openRows(paths, options);
      const summary = await data.describe({
        labels: options.labels ?? [],
        domain: options.domain,
        training: options.training === undefined ? undefined : await openRows(options.training, options),
      });
      console.log(summary.text());
    },
  );
}

function checkCommand(): Command {
  const command = new Command("check")
    .description("Report all problems that a config's model would have with these rows.")
    .argument("<paths>", "Parquet or CSV: a file, glob or folder, or several separated by commas")
    .requiredOption("--config <file>", "TorchEasyRec pipeline config")
    .option("--training <paths>", "training rows, if they are not the rows to check");
  return withCsvOptions(command).action(
    async (paths: string, options: CsvOptions & { config: string; training?: string }) => {
      const model = (await readConfig(options.config)).model();
      const training = options.training === undefined ? undefined : await openRows(options.training, options);
      const report = await (await openRows(paths, options)).check(model, { training });
      console.log(report.text());
      if (!report.ok) process.exitCode = 1;
    },
  );
}

function taobaoCommand(): Command {
  return new Command("taobao")
    .description("Convert Taobao's display advertising logs (tianchi.aliyun.com/dataset/56) to train and test Parquet.")
    .argument(
      "<folder>",
      "contains raw_sample.csv, ad_feature.csv, user_profile.csv and, for purchases, behavior_log.csv",
    )
    .requiredOption("--out <folder>", "folder to write")
    .option("--users <share>", "share of users to keep (default: 1)", number)
    .option("--test-days <days>", "number of last days to hold out (default: 1)", number)
    .option("--memory <size>", "DuckDB's memory limit, such as 4GB; the rest goes to disk (default: 2GB)")
    .action(async (folder: string, { out, ...options }: { out: string } & Record<string, never>) => {
      const { prepareTaobao } = await import("../api/model/prepare.js");
      await printPrepared(await prepareTaobao(folder, out, options));
    });
}

function movielensCommand(): Command {
  return new Command("movielens")
    .description("Convert MovieLens 100K, 1M or 20M (grouplens.org/datasets/movielens) to train and test Parquet.")
    .argument("<folder>", "the unpacked download")
    .requiredOption("--out <folder>", "folder to write")
    .option("--test-share <share>", "share of the newest ratings to hold out (default: 0.1)", number)
    .option("--memory <size>", "DuckDB's memory limit, such as 4GB; the rest goes to disk (default: 2GB)")
    .action(async (folder: string, { out, ...options }: { out: string } & Record<string, never>) => {
      const { prepareMovielens } = await import("../api/model/prepare.js");
      await printPrepared(await prepareMovielens(folder, out, options));
    });
}

function generateCommand(): Command {
  return new Command("generate")
    .description(
      "Generate a Taobao-like log with known probabilities, as Parquet; prints the best AUC that a model can reach.",
    )
    .argument("<file>", "the Parquet file to write")
    .requiredOption("--rows <count>", "rows", number)
    .option("--seed <seed>", "the same seed gives the same rows (default: 1)", number)
    .option("--users <count>", "users (default: 2000)", number)
    .option("--ads <count>", "ads (default: 1500)", number)
    .option("--domains <count>", "values of occupation (default: 3)", number)
    .option("--tasks <count>", "labels: clk, buy, cart, fav … (default: 2)", number)
    .option("--domain-effect <strength>", "how much tastes differ between domains (default: 1)", number)
    .option("--noise <deviation>", "standard deviation of the noise on the logit (default: 0)", number)
    .option("--cold-users <share>", "share of users that appear only in the last 10% of rows (default: 0)", number)
    .option("--truth", "add columns with the true probabilities: p_clk, p_buy …")
    .action(async (file: string, options: { rows: number }) => {
      const { writeTaobaoLike } = await import("../api/model/generate.js");
      const log = await writeTaobaoLike(file, options);
      console.log(`wrote ${log.rows} rows to ${file}`);
      for (const { label, within, overall, domains } of log.oracle) {
        const aucs = [overall, ...domains].map((auc) => auc?.toFixed(4) ?? "–");
        console.log(
          `best auc ${label}${within === null ? "" : ` within ${within}`}: ${aucs[0]}, by domain ${aucs.slice(1).join(" ")}`,
        );
      }
    });
}

async function printPrepared(prepared: PreparedDataset): Promise<void> {
  console.log(String((await prepared.bundle())["text/plain"]));
  console.log(`\nnext: pepnet train --config ${shellPath(prepared.config)} --out runs/first`);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}
