/** The commands on a trained model: `pepnet eval`, `predict` and `report`. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import type { ReportOptions } from "../../api/report-options.js";
import type { Run } from "../../api/run/run.js";
import type { ServedModel } from "../../api/served-model.js";
import type { EngineChoice } from "../../api/training/engines.js";
import type { CsvOptions } from "../../core/data/sources/csv/options.js";
import { grouped, visibleLine } from "../../core/util/text.js";
import { createLog, textLine } from "./log.js";
import { engineChoice, type ModelChoice, openRows, type RowsOptions, withModel } from "./options.js";

interface EvalOptions extends ModelChoice, RowsOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly intervals?: boolean;
}

/** With more rows than this, intervals are computed only on request: they take about a second for as many. */
const INTERVAL_ROWS = 100_000;

export async function evaluateRows(options: EvalOptions, command: Command): Promise<void> {
  const log = createLog(options.json);
  await withModel(options, command, async (run, config) => {
    const paths = options.data ?? config?.text("eval_input_path");
    if (!paths) command.error("error: rows are missing: set --data");
    const rows = await openRows(paths, options);
    const { intervals = rows.rows <= INTERVAL_ROWS } = options;
    const { facts, notes } = await run.evaluate(rows, { intervals });
    if (options.intervals === undefined && !intervals) {
      log.note(`no intervals for more than ${grouped(INTERVAL_ROWS)} rows: --intervals computes them`);
    }
    for (const note of notes) log.note(note);
    log.evaluation(facts, null);
  });
}

interface PredictOptions extends ModelChoice, CsvOptions {
  readonly model?: string;
  readonly reserve?: readonly string[];
  readonly ownDomain?: boolean;
}

export async function predictRows(
  input: string,
  output: string,
  options: PredictOptions,
  command: Command,
): Promise<void> {
  if (path.resolve(input) === path.resolve(output)) command.error("error: the output would overwrite the input");
  const write = (model: Run | ServedModel): Promise<void> => writePredictions(model, input, output, options);
  if (options.model === undefined) return withModel(options, command, write);
  for (const other of ["run", "config", "edit", "weights", "engine"] as const) {
    if (options[other] !== undefined) command.error(`error: --model and --${other} exclude each other`);
  }
  const { loadModel } = await import("../../api/served-model.js");
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
  const options = { path: output, reserve: reserve?.filter((name) => name !== ""), everyDomain: !ownDomain };
  const { rowCount, notes } = await model.writePredictions(await openRows(input, csv), options);
  const log = createLog();
  for (const note of notes) log.note(note);
  console.log(textLine("saved", { rows: rowCount, path: output }));
}

interface ReportChoice extends EngineChoice, RowsOptions, Pick<ReportOptions, "title" | "rows"> {
  readonly run: string;
  readonly data?: string;
  readonly training?: string;
  readonly baseline?: string;
  readonly output: string;
  readonly force?: boolean;
}

/** `ctr=p_ctr,cvr=p_cvr` as columns by task; `null`: not of this form. */
function scoreColumns(text: string): Readonly<Record<string, string>> | null {
  const pairs = text.split(",").map((pair) => pair.split("="));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(""))) return null;
  return Object.fromEntries(pairs);
}

export async function reportRun(options: ReportChoice, command: Command): Promise<void> {
  if (options.baseline !== undefined && options.data === undefined) command.error("error: --baseline needs --data");
  const { loadRun } = await import("../../api/model/load-run.js");
  const run = await loadRun(options.run, engineChoice(options));
  const { baseline, title, rows } = options;
  const columns = baseline === undefined || existsSync(baseline) ? null : scoreColumns(baseline);
  const other = baseline === undefined || columns !== null ? null : await loadRun(baseline, engineChoice(options));
  try {
    const written = await run.report(options.data === undefined ? null : await openRows(options.data, options), {
      path: options.output,
      training: options.training === undefined ? undefined : await openRows(options.training, options),
      baseline: columns ?? other ?? undefined,
      baselineName: other === null ? undefined : path.basename(path.resolve(baseline!)),
      title,
      rows,
      overwrite: options.force === true,
    });
    const { findingText } = await import("../../core/errors/finding.js");
    const { path: page, bytes, findings } = written;
    for (const finding of findings) console.log(visibleLine(`finding ${findingText(finding)}`));
    console.log(textLine("saved", { path: page, bytes, findings: findings.length }));
  } finally {
    await run.dispose();
    await other?.dispose();
  }
}
