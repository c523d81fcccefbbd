import { Command, InvalidArgumentError, Option } from "commander";
import type { AnyModel } from "../api/model/types.js";
import type { Pipeline, PipelineEdits } from "../api/pipeline.js";
import type { Study } from "../api/study/study.js";
import type { AblationOptions } from "../api/study/variants.js";
import type { EngineChoice } from "../api/training/engines.js";
import type { CsvOptions } from "../data/sources/csv/options.js";
import { parseJson } from "../util/text.js";
import { createLog } from "./log.js";
import {
  editOption,
  engineChoice,
  integer,
  listed,
  openRows,
  readConfig,
  requiredText,
  withCsvOptions,
  withEngineOptions,
  writeText,
} from "./options.js";
import { type Log, watchSignals } from "./signals.js";

type StudyChoice = Pick<
  AblationOptions,
  "seeds" | "design" | "budget" | "tasks" | "metric" | "matters" | "user" | "level" | "parallel" | "cache"
>;

interface AblateOptions extends EngineChoice, CsvOptions, StudyChoice {
  readonly config: string;
  readonly edit?: PipelineEdits;
  readonly vary: Axes;
  readonly train?: string;
  readonly eval?: string;
  readonly seedsAtMost?: number;
  readonly modelSeeds?: number;
  readonly markdown?: string;
  readonly report?: string;
  readonly json?: boolean;
}

type WrittenVariants = Parameters<AnyModel["ablate"]>[1]["variants"];

type Axes = Readonly<Record<string, readonly unknown[]>>;

const help = `
Settings are those of model.ablate(): epnet.gamma, ppnet.hidden, switches.epnet, switches.gatePlacement, train.batchSize,
train.dense.lr, groups.uia, towers.ctr.mlp.hidden, towers.*.weight, features.*.embeddingDim and so on. Values are JSON,
separated by commas; words need no quotes:
  --vary epnet.gamma=1,2,4 --vary 'ppnet.hidden=[64],[128,64]' --vary switches.gatePlacement=input

Standard output has one line per run:          run variant="epnet.gamma 1" seed=1 kept=false done=3 planned=27
then one line per comparison and task, over all rows and by domain:
  difference variant="epnet.gamma 1" task=ctr domain=all metric=auc seeds=5 mean=0.71 difference=-0.002 low=-0.004
  high=0.001 verdict="no difference beyond noise, at most ±0.004; about 12 seeds would settle it"
and before them one per variant that was settled early: stopped variant="switches.epnet off" seeds=3 why="worse in ctr"
Intervals are corrected for the number of comparisons and of looks. Finished runs are cached: repeating the command trains nothing.

Exit codes: 0 done, 1 an error, 2 misused, 130 stopped by Ctrl-C, 143 by SIGTERM and 129 by a closed
terminal. After a stop, finished runs are compared and kept.

Example:
  pepnet ablate --config pipeline.config --vary epnet.gamma=1,2,4 --vary ppnet.gamma=1,2,4 --seeds 5 --report out/gammas.html`;

export function ablateCommand(): Command {
  const command = new Command("ablate")
    .description("Train variants of a config's model over several seeds and report which differ beyond noise.")
    .requiredOption("--config <file>", "pipeline.config, or a .json of it")
    .option(...editOption)
    .requiredOption("--vary <path=values>", "a setting and its values; repeatable", parseAxis)
    .option("--train <paths>", "training rows (default: the config's train_input_path)")
    .option(
      "--eval <paths>",
      "rows to compare on (default: the config's eval_input_path, else 10% of the training rows)",
    )
    .option(
      "--seeds <n>",
      "number of seeds, or a list: 5, or 1,2,7 (default: --seeds-at-most 8; with --budget, the number that fits)",
      parseSeeds,
    )
    .option("--model-seeds <n>", "seeds of the model itself, more than --seeds", integer(1))
    .addOption(
      new Option("--seeds-at-most <n>", "stop variants that are settled; the others get up to this many seeds")
        .argParser(integer(1))
        .conflicts("seeds"),
    )
    .addOption(
      new Option("--design <name>", "grid: every combination; one-at-a-time: each value alone")
        .choices(["grid", "one-at-a-time"])
        .default("grid"),
    )
    .option("--budget <time>", "time limit, such as 90s, 10m or 1.5h; reports the variants left out")
    .option("--tasks <names>", "towers of the tasks to compare, separated by commas (default: all)", listed)
    .addOption(
      new Option("--metric <name>", "metric to compare (default: AUC)").choices([
        "auc",
        "groupedAuc",
        "logLoss",
        "meanSquaredError",
      ]),
    )
    .option(
      "--matters <difference>",
      "smallest difference that matters, such as 0.002: smaller ones are reported as equivalent",
      Number,
    )
    .option("--user <column>", "column with the user ids: the bootstrap samples whole users")
    .option("--level <p>", "joint confidence level of all intervals (default: 0.95)", Number)
    .option("--parallel <n>", "concurrent runs; results do not depend on it (default: one per core)", integer(1))
    .option("--no-cache", "neither read nor write the cache of finished runs")
    .option("--markdown <file>", "write the table and the conclusions as Markdown")
    .option("--report <file>", "write an HTML page")
    .option("--json", "print log lines as JSON objects");
  return withEngineOptions(withCsvOptions(command), "1").addHelpText("after", help).action(ablate);
}

function parseAxis(text: string, before: Axes = {}): Axes {
  const [path, values] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  if (!text.includes("=") || path === "" || values === "") {
    throw new InvalidArgumentError("Expected a setting and its values, such as epnet.gamma=1,2,4.");
  }
  return { ...before, [path]: [...(Object.hasOwn(before, path) ? before[path]! : []), ...parseList(values)] };
}

function parseList(text: string): readonly unknown[] {
  const quoted = text.replace(/[A-Za-z_][\w.]*/g, (word) =>
    ["true", "false", "null"].includes(word) ? word : JSON.stringify(word),
  );
  for (const attempt of [text, quoted]) {
    try {
      return parseJson(`[${attempt}]`) as readonly unknown[];
    } catch {
      // try the next reading
    }
  }
  throw new InvalidArgumentError(
    `"${text}" is not a list of values. Expected comma-separated JSON, such as [64],[128,64].`,
  );
}

function parseSeeds(text: string): number | readonly number[] {
  const list = text.split(",").map(integer(0));
  return list.length === 1 ? list[0]! : list;
}

async function ablate(options: AblateOptions): Promise<void> {
  const log = createLog(options.json);
  const config = await readConfig(options.config, options.edit);
  const signals = watchSignals(log);
  try {
    const model = config.model();
    const train = await openRows(options.train ?? requiredText(config, "train_input_path", "--train"), options);
    const choices = await studyOptions(options, config, signals.signal, log);
    const study = await model.ablate(train, { ...choices, variants: options.vary as WrittenVariants });
    for (const note of study.notes) log.note(note);
    log.end();
    log.study(study);
    await writeFiles(study, options, log);
    if (study.interrupted) process.exitCode = signals.exitCode ?? 1;
  } finally {
    log.end();
    signals.stop();
  }
}

async function studyOptions(
  options: AblateOptions,
  config: Pipeline,
  signal: AbortSignal,
  log: Log,
): Promise<AblationOptions> {
  const validation = options.eval ?? config.text("eval_input_path");
  const { design, budget, tasks, metric, matters, user, level, seedsAtMost, modelSeeds, parallel, cache } = options;
  const seeds = seedsAtMost === undefined ? options.seeds : { atMost: seedsAtMost };
  return {
    ...{ design, budget, tasks, metric, matters, user, level, seeds, modelSeeds, parallel, cache },
    ...engineChoice(options),
    validation: validation === null ? undefined : await openRows(validation, options),
    signal,
    quiet: true,
    onRun: log.runs,
  };
}

async function writeFiles(study: Study, { markdown, report }: AblateOptions, log: Log): Promise<void> {
  if (markdown !== undefined) {
    await writeText(
      markdown,
      study.toMarkdown(),
      "cannot write the Markdown",
      "check that the folder exists and is writable",
    );
    log.line("saved", { path: markdown });
  }
  if (report !== undefined) log.line("saved", { path: (await study.report({ path: report })).path });
}
