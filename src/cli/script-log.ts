import { WriteStream } from "node:tty";
import { inspect } from "node:util";
import type { EvaluationResult } from "../api/evaluation.js";
import type { Study } from "../api/study/study.js";
import type { DoctorFinding } from "../kernel/doctor.js";
import { snakeCase, visible, visibleBlock, visibleLine } from "../util/text.js";
import type { Fields, Log } from "./signals.js";

type Evaluation = EvaluationResult["facts"];
type TaskMetrics = Evaluation["tasks"][number]["overall"];

export function scriptLog(json: boolean, every: number): Log {
  const line = (event: string, fields: Fields): void => {
    console.log(json ? JSON.stringify({ event, ...fields }) : textLine(event, fields));
  };
  return {
    line,
    note,
    step({ step, totalSteps, epoch, rowsPerSecond, loss, taskLosses }) {
      if (step % every !== 0 && step !== totalSteps) return;
      const fields = { step, total_steps: totalSteps, epoch, rows_per_second: Math.round(rowsPerSecond), loss };
      line("step", { ...fields, ...taskLosses });
    },
    evaluation: (evaluation, at) => logEvaluation(line, evaluation, at === null ? {} : { step: at.step }),
    runs: ({ variant, seed, kept, done, planned }) => line("run", { variant, seed, kept: String(kept), done, planned }),
    study: (study) => logStudy(line, study),
    end: () => undefined,
  };
}

export function note(text: string): void {
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
          ...{ variant: name, task: tower, ...domain, metric, seeds: runs.length, mean },
          ...{ difference: change, low, high, verdict: verdict?.text ?? "not defined" },
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
  const words = Object.entries(fields).map(([name, value]) => `${textValue(name)}=${textValue(value)}`);
  return [event, ...words].join(" ");
}

function textValue(value: string | number | null): string {
  if (typeof value === "string") return /^[^\s\p{Cc}"=]+$/u.test(value) ? value : JSON.stringify(value);
  if (value === null || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

export type Style = "bold" | "dim" | "red" | "yellow" | "cyan" | "green";

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
  console.log(json ? JSON.stringify(findings, null, 2) : findings.map(findingLines).join("\n"));
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

function findingLines({ check, ok, found, fix }: DoctorFinding): string {
  const line = `${ok ? "ok   " : "WRONG"} ${check}: ${visibleBlock(found)}`;
  return fix === undefined ? line : `${line}\n      fix: ${fix}`;
}
