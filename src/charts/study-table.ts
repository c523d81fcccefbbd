/** A study as a table: a row a variant and task. */
import type { StudyCell, StudyReport, StudyVariant } from "../ablation/report.js";
import type { Cell, Table } from "../tables/index.js";
import { metricName, seedsText, studyTaskName } from "./study-text.js";
import { count } from "./text.js";

/** Means, differences to the model with their intervals, and verdicts. */
export function studyTable(report: StudyReport): Table {
  return {
    caption: caption(report),
    columns: [
      { name: "variant" },
      { name: "task" },
      { name: "metric" },
      { name: "seeds", digits: 0 },
      { name: "mean", digits: 4 },
      { name: "difference", digits: 5 },
      { name: "low", digits: 5 },
      { name: "high", digits: 5 },
      { name: "verdict", align: "left" },
    ],
    rows: report.variants.flatMap((variant, at) =>
      report.tasks.map((task, t): Cell[] => {
        const cell = variant.tasks[t]?.overall;
        const { difference = null } = cell ?? {};
        return [
          variant.name,
          studyTaskName(task),
          metricName(task),
          cell?.bySeed.length ?? 0,
          cell?.mean ?? null,
          difference?.mean ?? null,
          difference?.low ?? null,
          difference?.high ?? null,
          at === 0 ? "" : verdictText(variant, cell),
        ];
      }),
    ),
  };
}

function verdictText({ dropped, runs }: StudyVariant, cell: StudyCell | undefined): string {
  if (dropped !== null) {
    return `given up in round ${dropped.round} of halving, ${dropped.behind.toFixed(4)} from the model`;
  }
  if (runs.length === 0) return "no finished run: see the notes";
  return cell?.difference?.verdict.text ?? "not defined";
}

function caption(report: StudyReport): string {
  const { evaluationRows, user, confidence } = report;
  const rows = count(evaluationRows, "validation row");
  const drawn = user === null ? rows : `${rows}, whole users by ${user}`;
  const { comparisons, level } = confidence.overall;
  const sure = `${(100 * level).toFixed(level > 0.95 && level < 0.99 ? 1 : 0)} %`;
  return `Variants against the model, ${seedsText(report)}, ${drawn}; intervals of ${count(comparisons, "comparison")} hold together with ${sure} (Bonferroni)`;
}
