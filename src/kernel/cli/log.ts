/** The log of a command: for people at a terminal, or as lines of text or JSON for scripts. */
import { WriteStream } from "node:tty";
import { inspect } from "node:util";
import type { EvaluationResult } from "../../api/evaluation.js";
import { tables } from "../../api/result.js";
import type { Study } from "../../api/study/study.js";
import { duration, rowRate } from "../../core/util/measured.js";
import { fixed, grouped, percent, snakeCase, visible, visibleBlock, visibleLine } from "../../core/util/text.js";
import type { DoctorFinding } from "../doctor.js";
import { drawLiveLine, eraseLiveLine, type Fields, type Log, type TrainingPlace } from "./signals.js";

type Evaluation = EvaluationResult["facts"];

function screenLog(): Log {
  const { stdout } = process;
  let bar: ProgressBar | null = null;
  let latest: { readonly evaluation: Evaluation; readonly at: TrainingPlace } | null = null;
  const end = (): void => {
    bar?.end();
    bar = null;
    if (latest !== null) printEvaluation(latest.evaluation, `After step ${grouped(latest.at.step)}`);
    latest = null;
  };
  return {
    line(event, fields) {
      end();
      printStyled(stdout, `${styled(stdout, "green", event)} ${textLine("", fields).trimStart()}`);
    },
    note,
    step({ step, totalSteps, rowsPerSecond, loss }) {
      bar ??= new ProgressBar("training");
      bar.update(step, totalSteps, [
        rowRate(rowsPerSecond).text,
        `loss ${fixed(loss, 4)}`,
        `step ${grouped(step)} of ${grouped(totalSteps)}`,
      ]);
    },
    evaluation(evaluation, at) {
      if (at === null) return printEvaluation(evaluation, null);
      if (latest !== null) printStyled(stdout, summaryLine(latest.evaluation, latest.at));
      latest = { evaluation, at };
    },
    runs({ variant, seed, done, planned }) {
      bar ??= new ProgressBar("runs");
      bar.update(done, planned, [`${done} of ${planned}`, visibleLine(`${variant}, seed ${seed}`)]);
    },
    study: printStudy,
    end,
  };
}

function printStudy(study: Study): void {
  const { sheetTable, studyConclusions } = tables();
  for (const text of studyConclusions(study.facts)) console.log(visibleLine(text));
  printTable(sheetTable(study.sheet()));
}

function summaryLine({ tasks }: Evaluation, { epoch }: TrainingPlace): string {
  const parts = tasks.map(({ tower, overall }) =>
    overall.auc === null ? `${tower} loss ${fixed(overall.logLoss, 4)}` : `${tower} AUC ${fixed(overall.auc, 4)}`,
  );
  return styled(process.stdout, "dim", visibleLine(`epoch ${Number(epoch.toFixed(2))}: ${parts.join(", ")}`));
}

function printEvaluation(evaluation: Evaluation, when: string | null): void {
  const { evaluationSheet, sheetTable } = tables();
  const method = evaluation.intervalMethod ?? null;
  const intervals =
    method === null
      ? when === null
        ? ""
        : "; pepnet eval adds intervals"
      : `; ${Number((method.level * 100).toFixed(3))}% intervals of ${grouped(method.draws)} draws of ${method.user === null ? "rows" : `values of ${method.user}`}`;
  const caption = `${when === null ? "Evaluation" : when}: ${grouped(evaluation.rows)} rows${intervals}`;
  printTable({ ...sheetTable(evaluationSheet(evaluation)), caption });
}

const everyMillis = 100;
/** Earlier than this, the remaining time would be a guess. */
const leastMillis = 1000;
const widest = 30;
const narrowest = 5;

export class ProgressBar {
  readonly #startedAt: number = performance.now();
  #first: number | null = null;
  #latestAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly name: string) {}

  /** Shows that `amount` of `total` is complete. @param details after the bar; the last ones yield if it is narrow */
  update(amount: number, total: number, details: readonly string[]): void {
    this.#first ??= amount - 1;
    const now = performance.now();
    if (now - this.#latestAt < everyMillis && amount < total) return;
    this.#latestAt = now;
    const left = this.#secondsLeft(amount, total, now);
    const texts = left === null ? details : [`${duration(left).text} left`, ...details];
    drawLiveLine(barLine(this.name, amount / total, texts, process.stdout.columns || 80));
  }

  end(): void {
    eraseLiveLine();
  }

  #secondsLeft(amount: number, total: number, now: number): number | null {
    const millis = now - this.#startedAt;
    if (millis < leastMillis || amount >= total) return null;
    return Math.round(((total - amount) * millis) / (amount - this.#first!) / 1000);
  }
}

function barLine(name: string, share: number, details: readonly string[], columns: number): string {
  const most = columns - 1;
  const head = `${name} `;
  const parts = [percent(Math.min(1, share), 0).padStart(5)];
  for (const detail of details) {
    if ([head, ...parts, detail].join("  ").length + narrowest > most) break;
    parts.push(detail);
  }
  const tail = parts.join("  ");
  const width = Math.min(widest, most - head.length - tail.length);
  if (width < narrowest) return `${head}${tail}`.slice(0, Math.max(0, most));
  const full = Math.round(width * Math.min(1, share));
  const { stdout } = process;
  return `${head}${styled(stdout, "cyan", "━".repeat(full))}${styled(stdout, "dim", "─".repeat(width - full))}${tail}`;
}

type Table = Parameters<ReturnType<typeof tables>["tableText"]>[0];

/** As wide as the terminal. */
function printTable(table: Table): void {
  const { stdout } = process;
  const lines = tables()
    .tableText(table, { maxRows: 200, width: stdout.columns || 80 })
    .split("\n");
  for (const [l, line] of lines.entries()) {
    const isRule = (text: string | undefined): boolean => text?.startsWith("─") ?? false;
    const isHead = isRule(lines[l + 1]) || (l === 0 && table.caption !== undefined);
    printStyled(stdout, isHead ? styled(stdout, "bold", line) : isRule(line) ? styled(stdout, "dim", line) : line);
  }
}

export function createLog(json = false, every = 100): Log {
  const isWatched = process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
  return !json && isWatched ? screenLog() : scriptLog(json, every);
}

type TaskMetrics = Evaluation["tasks"][number]["overall"];

function scriptLog(json: boolean, every: number): Log {
  const line = (event: string, fields: Fields): void => {
    console.log(json ? JSON.stringify({ event, ...fields }) : textLine(event, fields));
  };
  return {
    line,
    note,
    step({ step, totalSteps, epoch, rowsPerSecond, loss, taskLosses, lossWeights, trainMetrics }) {
      if (step % every !== 0 && step !== totalSteps) return;
      line("step", {
        step,
        total_steps: totalSteps,
        epoch,
        rows_per_second: Math.round(rowsPerSecond),
        loss,
        ...taskLosses,
        ...prefixed("weight_", lossWeights),
        ...prefixed("train_", trainMetrics),
      });
    },
    evaluation: (evaluation, at) => logEvaluation(line, evaluation, at === null ? {} : { step: at.step }),
    runs: ({ variant, seed, kept, done, planned }) => line("run", { variant, seed, kept: String(kept), done, planned }),
    study: (study) => logStudy(line, study),
    end: () => undefined,
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, number>> = {}): Fields {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

function note(text: string): void {
  printStyled(process.stderr, `${styled(process.stderr, "yellow", "note:")} ${visibleLine(text)}`);
}

function logEvaluation(line: Log["line"], evaluation: Evaluation, at: Fields): void {
  const method = evaluation.intervalMethod ?? null;
  if (method !== null) {
    const { level, draws, seed, user, sampledRows } = method;
    line("intervals", { ...at, level, draws, seed, user, sampled_rows: sampledRows });
  }
  for (const task of evaluation.tasks) {
    const say = (domain: Fields, within: string | null, metrics: TaskMetrics): void =>
      line("metric", { ...at, task: task.tower, ...domain, within: within ?? "all", ...metricFields(metrics) });
    say({ domain: "all" }, task.within, task.overall);
    for (const [domain, metrics] of task.domains.entries()) {
      say({ domain, domain_name: evaluation.domainNames[domain]! }, task.within, metrics);
    }
    if (task.within !== null) say({ domain: "all" }, null, task.allRows);
  }
}

function logStudy(line: Log["line"], { variants, tasks, domainNames, looks }: Study): void {
  for (const { seeds, stopped } of looks) {
    for (const { variant, why } of stopped) line("stopped", { variant, seeds: seeds.length, why });
  }
  for (const { name, runs, tasks: results } of variants.slice(1)) {
    for (const [at, { tower, metric }] of runs.length === 0 ? [] : tasks.entries()) {
      const result = results[at];
      const cells = result === undefined ? [] : [result.overall, ...result.domains];
      for (const [part, { mean, difference }] of cells.entries()) {
        const domain: Fields =
          part === 0 ? { domain: "all" } : { domain: part - 1, domain_name: domainNames[part - 1]! };
        const { mean: change = null, low = null, high = null, verdict } = difference ?? {};
        line("difference", {
          variant: name,
          task: tower,
          ...domain,
          metric,
          seeds: runs.length,
          mean,
          difference: change,
          low,
          high,
          verdict: verdict?.text ?? "not defined",
        });
      }
    }
  }
}

function metricFields({ configured, intervals = {}, ...metrics }: TaskMetrics): Fields {
  const measured = Object.entries(metrics).map(([name, value]) => [snakeCase(name), value]);
  const ends = Object.entries(intervals).flatMap(([name, { low, high }]) => [
    [`${snakeCase(name)}_low`, low],
    [`${snakeCase(name)}_high`, high],
  ]);
  const configs = Object.entries(configured).map(([name, value]) => [`config.${name}`, value]);
  return Object.fromEntries([...measured, ...ends, ...configs]);
}

export function textLine(event: string, fields: Fields): string {
  return [event, ...Object.entries(fields).map(([name, value]) => `${textValue(name)}=${textValue(value)}`)].join(" ");
}

function textValue(value: string | number | null): string {
  if (typeof value === "string") return /^[^\s\p{Cc}"=]+$/u.test(value) ? value : JSON.stringify(value);
  if (value === null || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

type Style = "bold" | "dim" | "red" | "yellow" | "cyan" | "green";

function hasColours(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (stream.isTTY !== true && environment["FORCE_COLOR"] === undefined) return false;
  return WriteStream.prototype.getColorDepth.call(stream as WriteStream, environment) > 1;
}

export function styled(stream: { readonly isTTY?: boolean }, style: Style, text: string): string {
  const [start, end] = inspect.colors[style] as [number, number];
  return hasColours(stream) ? `\u001b[${start}m${visible(text)}\u001b[${end}m` : visible(text);
}

export function printStyled(stream: NodeJS.WriteStream, line: string): void {
  stream.write(hasColours(stream) ? Buffer.from(`${line}\n`) : `${line}\n`);
}

export function printFindings(findings: readonly DoctorFinding[], json: boolean | undefined): void {
  const lines = findings.map(({ check, ok, found, fix }) => {
    return `${ok ? "ok   " : "WRONG"} ${check}: ${visibleBlock(found)}${fix === undefined ? "" : `\n      fix: ${fix}`}`;
  });
  console.log(json ? JSON.stringify(findings, null, 2) : lines.join("\n"));
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}
