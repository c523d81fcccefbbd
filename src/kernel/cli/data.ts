/** The commands `pepnet data describe`, `check` and `generate`. */
import type { Command } from "commander";
import { describedCommand, listed, numeric, openRows, type RowsOptions, readConfig } from "./options.js";

export function dataCommand(): Command {
  return describedCommand("data")
    .addCommand(describeCommand())
    .addCommand(checkCommand())
    .addCommand(generateCommand());
}

function describeCommand(): Command {
  return describedCommand("data describe", { "--labels": listed }).action(
    async (paths: string, options: RowsOptions & { labels?: string[]; domain?: string; training?: string }) => {
      const data = await openRows(paths, options);
      const summary = await data.describe({
        labels: options.labels ?? [],
        domain: options.domain,
        training: options.training === undefined ? undefined : await openRows(options.training, options),
      });
      console.log(summary.text(process.stdout.columns));
    },
  );
}

function checkCommand(): Command {
  return describedCommand("data check").action(
    async (paths: string, options: RowsOptions & { config: string; training?: string }) => {
      const model = (await readConfig(options.config)).model();
      const training = options.training === undefined ? undefined : await openRows(options.training, options);
      const report = await (await openRows(paths, options)).check(model, { training });
      console.log(report.text());
      if (!report.ok) process.exitCode = 1;
    },
  );
}

function generateCommand(): Command {
  const numbers = ["rows", "seed", "users", "ads", "domains", "tasks", "domain-effect", "noise", "cold-users"];
  const readers = Object.fromEntries(numbers.map((name) => [`--${name}`, numeric("a number")]));
  return describedCommand("data generate", readers).action(async (file: string, options: { rows: number }) => {
    const { writeTaobaoLike } = await import("../../api/model/generate.js");
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
