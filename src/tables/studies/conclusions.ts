/** The conclusions of a study, as sentences. */
import type { StudyReport, VariantDifference } from "../../ablation/index.js";
import { signed } from "../../util/text/format.js";
import { comparedVariants } from "../names/index.js";

/** One sentence per variant and task. */
export function studyConclusions(report: StudyReport): readonly string[] {
  return comparedVariants(report).flatMap(({ name, tasks }) =>
    report.tasks.map((task, at) => {
      const difference = tasks[at]?.overall.difference ?? null;
      return `${name}, ${task.tower}: ${difference === null ? "not defined" : conclusion(difference)}`;
    }),
  );
}

function conclusion({ mean, low, high, verdict }: VariantDifference): string {
  const interval = low === null ? "" : ` (${signed(low, 4)} to ${signed(high, 4)})`;
  return `${verdict.text}; ${signed(mean, 4)}${interval}`;
}
