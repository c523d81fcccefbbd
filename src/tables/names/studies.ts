/** Display names of a study's tasks, metrics and seeds. */
import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/index.js";
import { count, percent } from "../../util/text/format.js";
import { metricText } from "./metrics.js";

/** `AUC`, `log loss` … */
export function metricName({ metric }: StudyTask): string {
  return metricText(metric).name;
}

/** `AUC`, or `metric` if tasks have different metrics. */
export function metricOfAll(report: StudyReport): string {
  const [first, ...others] = new Set(report.tasks.map(metricName));
  return first === undefined || others.length > 0 ? "metric" : first;
}

/** The variants that were trained to the end, without the model. */
export function comparedVariants(report: StudyReport): readonly StudyVariant[] {
  return report.variants.slice(1).filter(({ runs }) => runs.length > 0);
}

/** `5 seeds`; `4 to 7 seeds` if variants have different numbers. */
export function seedsText(report: StudyReport): string {
  const counts = report.variants.filter(({ runs }) => runs.length > 0).map(({ runs }) => runs.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? count(most, "seed") : `${least} to ${most} seeds`;
}

/** A confidence level: `96%`, `99.5%`. */
export function levelText(level: number): string {
  return percent(level, Number.isInteger(Number((level * 100).toFixed(6))) ? 0 : 1);
}

/** `Exploratory, not in the plan: ` in front of what a registered study did not plan; else empty. */
export function planMark({ plan }: StudyReport, part: "all rows" | "domains" = "all rows"): string {
  if (plan === null) return "";
  const exploratory = plan.exploratory || (part === "domains" && !plan.domains);
  return exploratory ? "Exploratory, not in the plan: " : "";
}
