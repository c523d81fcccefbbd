/** The command `pepnet ablate`. */
import { type Command, InvalidArgumentError } from "commander";
import type { AnyModel } from "../../api/model/types.js";
import type { Pipeline, PipelineEdits } from "../../api/pipeline.js";
import type { Study } from "../../api/study/study.js";
import type { AblationOptions } from "../../api/study/variants.js";
import type { EngineChoice } from "../../api/training/engines.js";
import { attempt } from "../../core/util/attempt.js";
import { withSignal } from "../../core/util/interrupt.js";
import { parseJson } from "../../core/util/text.js";
import { createLog } from "./log.js";
import {
  describedCommand,
  engineChoice,
  integer,
  listed,
  openRows,
  type RowsOptions,
  readConfig,
  requiredText,
  writeText,
} from "./options.js";
import { type Log, watchSignals } from "./signals.js";

type StudyChoice = Pick<
  AblationOptions,
  "seeds" | "design" | "budget" | "tasks" | "metric" | "matters" | "level" | "parallel" | "cache"
>;

interface AblateOptions extends EngineChoice, RowsOptions, StudyChoice {
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

export function ablateCommand(): Command {
  const command = describedCommand("ablate", {
    "--vary": parseAxis,
    "--seeds": parseSeeds,
    "--model-seeds": integer(1),
    "--seeds-at-most": integer(1),
    "--design": ["grid", "one-at-a-time"],
    "--tasks": listed,
    "--metric": ["auc", "groupedAuc", "logLoss", "meanSquaredError"],
    "--matters": Number,
    "--level": Number,
    "--parallel": integer(1),
  });
  command.options.find(({ long }) => long === "--seeds-at-most")!.conflicts("seeds");
  return command.action(ablate);
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
  for (const written of [text, quoted]) {
    const list = attempt(() => parseJson(`[${written}]`), null);
    if (Array.isArray(list)) return list;
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
    const study = await withSignal(signals.signal, () => studyOf(config, options, log));
    for (const note of study.notes) log.note(note);
    log.end();
    log.study(study);
    const { markdown, report } = options;
    if (markdown !== undefined) {
      const fix = "check that the folder exists and is writable";
      await writeText(markdown, study.toMarkdown(), "cannot write the Markdown", fix);
      log.line("saved", { path: markdown });
    }
    if (report !== undefined) log.line("saved", { path: (await study.report({ path: report })).path });
    if (study.interrupted) process.exitCode = signals.exitCode ?? 1;
  } catch (error) {
    process.exitCode = signals.exitCode ?? 1;
    throw error;
  } finally {
    log.end();
    signals.stop();
  }
}

async function studyOf(config: Pipeline, options: AblateOptions, log: Log): Promise<Study> {
  const model = config.model();
  const train = await openRows(options.train ?? requiredText(config, "train_input_path", "--train"), options);
  const validation = options.eval ?? config.text("eval_input_path");
  const { design, budget, tasks, metric, matters, level, seedsAtMost, modelSeeds, parallel, cache } = options;
  const seeds = seedsAtMost === undefined ? options.seeds : { atMost: seedsAtMost };
  const choices = {
    design,
    budget,
    tasks,
    metric,
    matters,
    level,
    seeds,
    modelSeeds,
    parallel,
    cache,
    ...engineChoice(options),
    validation: validation === null ? undefined : await openRows(validation, options),
    quiet: true,
    onRun: log.runs,
  };
  return model.ablate(train, { ...choices, variants: options.vary as WrittenVariants });
}
