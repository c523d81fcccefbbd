import { Command } from "commander";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { listed, numeric, openRows, readConfig, withCsvOptions } from "./options.js";

const help = `
Exit codes: 0 done, 1 an error or a failed check, 2 misused.

Examples:
  pepnet data describe train.parquet --labels clk,buy --domain occupation
  pepnet data check train.parquet --config pipeline.config
  pepnet data generate log.parquet --rows 1000000`;

export function dataCommand(): Command {
  return new Command("data")
    .description("Describe data, check it against a config, generate logs.")
    .addHelpText("after", help)
    .addCommand(describeCommand())
    .addCommand(checkCommand())
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
    )
    .option("--user <column>", "user column: rates and drift take whole users as independent, not rows");
  return withCsvOptions(command).action(
    async (
      paths: string,
      options: CsvOptions & { labels?: string[]; domain?: string; training?: string; user?: string },
    ) => {
      const data = await openRows(paths, options);
      const summary = await data.describe({
        labels: options.labels ?? [],
        domain: options.domain,
        user: options.user,
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
    .option("--training <paths>", "training rows, if they are not the rows to check")
    .option("--user <column>", "user column: drift takes whole users as independent (default: the config's)");
  return withCsvOptions(command).action(
    async (paths: string, options: CsvOptions & { config: string; training?: string; user?: string }) => {
      const model = (await readConfig(options.config)).model();
      const training = options.training === undefined ? undefined : await openRows(options.training, options);
      const report = await (await openRows(paths, options)).check(model, { training, user: options.user });
      console.log(report.text());
      if (!report.ok) process.exitCode = 1;
    },
  );
}

const number = numeric("a number");

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
