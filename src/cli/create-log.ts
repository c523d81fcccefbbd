import type { EvaluationResult } from "../api/evaluation.js";
import { tables } from "../api/result.js";
import type { Study } from "../api/study/study.js";
import { duration, fixed, grouped, percent, visibleLine } from "../util/text.js";
import { note, printStyled, scriptLog, styled, textLine } from "./script-log.js";
import { drawLiveLine, eraseLiveLine, type Log, type TrainingPlace } from "./signals.js";

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
      const speed = `${grouped(Math.round(rowsPerSecond))} rows/s`;
      bar.update(step, totalSteps, [
        speed,
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

function printTable(table: Parameters<typeof fittedTable>[0]): void {
  for (const line of fittedTable(table)) printStyled(process.stdout, line);
}

const everyMillis = 100;
/** Before this, the remaining time would be a guess. */
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
    const texts = left === null ? details : [`${duration(left)} left`, ...details];
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

function fittedTable(table: Table, columns: number = process.stdout.columns || 80): string[] {
  let count = table.columns.length;
  while (count > 2 && widthOf(table, count) > columns) count--;
  const lines = textLines(table, count);
  const missing = table.columns.slice(count).map(({ name }) => name);
  const head = table.caption === undefined ? 0 : 1;
  const { stdout } = process;
  return [
    ...lines.map((line, l) =>
      l <= head ? styled(stdout, "bold", line) : l === head + 1 ? styled(stdout, "dim", line) : line,
    ),
    ...(missing.length === 0 ? [] : [styled(stdout, "dim", `not shown in ${columns} columns: ${missing.join(", ")}`)]),
  ];
}

function textLines(table: Table, count: number): string[] {
  const rows = table.rows.map((row) => row.slice(0, count));
  return tables()
    .tableText({ ...table, columns: table.columns.slice(0, count), rows }, { maxRows: 200 })
    .split("\n");
}

/** Without the caption, which may wrap. */
function widthOf({ caption: _, ...table }: Table, count: number): number {
  return Math.max(...textLines(table, count).map((line) => [...line].length));
}

export function createLog(json = false, every = 100): Log {
  const isWatched = process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
  return !json && isWatched ? screenLog() : scriptLog(json, every);
}
