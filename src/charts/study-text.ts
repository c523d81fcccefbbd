/** How charts of studies speak of their variants, metrics and differences. */
import type { StudyReport, StudyTask, StudyVariant } from "../ablation/report.js";
import type { VariantDifference } from "../ablation/statistics/verdict.js";
import { metricText } from "./metric-names.js";
import { count } from "./text.js";
import { colour, INK } from "./theme.js";

/** `cvr (within clk)`. */
export function studyTaskName({ tower, within }: StudyTask): string {
  return within === null ? tower : `${tower} (within ${within})`;
}

/** `AUC`, `log loss` … */
export function metricName({ metric }: StudyTask): string {
  return metricText(metric).name;
}

/** `AUC`, or `metric` where the tasks have different ones. */
export function metricOfAll(report: StudyReport): string {
  const names = new Set(report.tasks.map(metricName));
  return names.size === 1
    ? report.tasks.length === 0
      ? "metric"
      : metricName(report.tasks[0] as StudyTask)
    : "metric";
}

/** The variants that were trained to the end, without the model. */
export function comparedVariants(report: StudyReport): readonly StudyVariant[] {
  return report.variants.slice(1).filter(({ runs }) => runs.length > 0);
}

/** Green, vermilion, or grey where there is no verdict. */
export function verdictColour(difference: VariantDifference | null): string {
  const kind = difference?.verdict.kind;
  return kind === "better" ? colour(2, 7) : kind === "worse" ? colour(5, 7) : INK;
}

/** `+0.0012`, with a true minus. */
export function signed(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

/** `5 seeds`; where variants have different numbers, `4 to 7 seeds`. */
export function seedsText(report: StudyReport): string {
  const counts = report.variants.filter(({ runs }) => runs.length > 0).map(({ runs }) => runs.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? count(most, "seed") : `${least} to ${most} seeds`;
}

/** What the numbers support, a sentence a variant and task. */
export function studyConclusions(report: StudyReport): readonly string[] {
  return comparedVariants(report).flatMap(({ name, tasks }) =>
    report.tasks.map((task, at) => {
      const difference = tasks[at]?.overall.difference ?? null;
      return `${name}, ${task.tower}: ${difference === null ? "not defined" : conclusion(difference)}`;
    }),
  );
}

function conclusion({ mean, low, high, verdict }: VariantDifference): string {
  const interval = low === null ? "" : ` (${signed(low)} to ${signed(high)})`;
  return `${verdict.text}; ${signed(mean)}${interval}`;
}
