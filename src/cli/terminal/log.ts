/** Log lines for scripts: `event key=value …` on standard output, or a JSON object a line; notes go to standard error. */
import type { EvaluationResult } from "../../api/index.js";
import { snakeCase } from "../../util/text/snake-case.js";

import { visibleLine } from "../../util/text/visible.js";

type Evaluation = EvaluationResult["facts"];
type TaskMetrics = Evaluation["tasks"][number]["overall"];

/** The fields of a line, in order. */
export type Fields = Readonly<Record<string, string | number | null>>;

/** Writes log lines. */
export interface Log {
  line(event: string, fields: Fields): void;
  /** Writes a note for people to standard error. */
  note(text: string): void;
}

/** Creates a log that writes text or JSON lines. */
export function createLog(json: boolean): Log {
  return {
    line(event, fields) {
      console.log(json ? JSON.stringify({ event, ...fields }) : textLine(event, fields));
    },
    note(text) {
      console.error(`note: ${visibleLine(text)}`);
    },
  };
}

/** Writes one line per task and domain, then one over all rows if the task has a space. */
export function logEvaluation(log: Log, evaluation: Evaluation, at: Fields): void {
  for (const task of evaluation.tasks) {
    const say = (domain: Fields, within: string | null, metrics: TaskMetrics): void =>
      log.line("metric", { ...at, task: task.tower, ...domain, within: within ?? "all", ...metricFields(metrics) });
    say({ domain: "all" }, task.within, task.overall);
    for (const [domain, metrics] of task.domains.entries()) {
      say({ domain, domain_name: evaluation.domainNames[domain]! }, task.within, metrics);
    }
    if (task.within !== null) say({ domain: "all" }, null, task.allRows);
  }
}

/** Rows, positives and metrics, `null` if undefined; the config's metrics as `config.auc`. */
function metricFields({ configured, ...metrics }: TaskMetrics): Fields {
  const measured = Object.entries(metrics).map(([name, value]) => [snakeCase(name), value]);
  return Object.fromEntries([
    ...measured,
    ...Object.entries(configured).map(([name, value]) => [`config.${name}`, value]),
  ]);
}

/** `event key=value …`; names and texts are quoted unless they are plain words. */
export function textLine(event: string, fields: Fields): string {
  const words = Object.entries(fields).map(([name, value]) => `${textValue(name)}=${textValue(value)}`);
  return [event, ...words].join(" ");
}

/** Formats numbers with six significant digits; quotes text that is not a plain word. */
function textValue(value: string | number | null): string {
  if (typeof value === "string") return /^[^\s\p{Cc}"=]+$/u.test(value) ? value : JSON.stringify(value);
  if (value === null || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}
