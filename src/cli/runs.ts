import { Command } from "commander";
import { visibleBlock } from "../util/text/visible.js";
import { textLine } from "./terminal/script-log.js";

interface RunsChoice {
  readonly output?: string;
  readonly title?: string;
  readonly json?: boolean;
  readonly pictures: boolean;
  readonly force?: boolean;
}

const help = `
Prints a table of the runs at and below the folder: when each was saved, steps, AUC by task, loss, how its config
differs from the first one's, and the hash of its training rows. Runs that cannot be read are listed with the reason.
With -o it writes a page with the same table, whose columns sort, and the curves over each other.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet runs runs
  pepnet runs runs -o out/runs.html`;

export function runsCommand(): Command {
  return new Command("runs")
    .description("List saved runs with their results and settings, as a table or an HTML page.")
    .argument("<folder>", "folder with the folders of runs")
    .option("-o, --output <file>", "page to write")
    .option("--title <text>", "page title")
    .option("--json", "print a JSON object per run")
    .option("--no-pictures", "leave out the static pictures for print and for viewers without scripts")
    .option("--force", "overwrite any existing file")
    .addHelpText("after", help)
    .exitOverride()
    .action(listRuns);
}

async function listRuns(folder: string, options: RunsChoice): Promise<void> {
  const { runs } = await import("../api/index.js");
  const index = await runs(folder);
  if (options.output === undefined) {
    if (options.json) for (const run of index.rows()) console.log(JSON.stringify(run));
    else console.log(visibleBlock(String((await index.bundle())["text/plain"])));
    return;
  }
  const { title, pictures, force = false } = options;
  const { path, bytes } = await index.report({ path: options.output, title, pictures, overwrite: force });
  console.log(textLine("saved", { path, bytes, runs: index.runs.length }));
}
