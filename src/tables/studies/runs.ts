/** A study by seed: the metrics of every run of every variant. */
import type { StudyCell, StudyReport, StudyRun, StudyTask, StudyVariant } from "../../ablation/index.js";
import type { Column } from "../column.js";
import { domainColumns } from "../evaluation/index.js";
import { metricName, taskName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { studyCells } from "./study.js";

interface SeedRow {
  readonly variant: StudyVariant;
  readonly task: StudyTask;
  readonly domain: number;
  readonly run: StudyRun;
  readonly cell: StudyCell;
  readonly value: number | null;
  /** Difference from the model's run with the same seed; `null` for the model itself. */
  readonly difference: number | null;
}

/** One row per variant, task, domain (−1: all rows) and seed. */
export function studyRunsSheet(report: StudyReport): Sheet {
  const settings = new Set(report.variants.flatMap((variant) => Object.keys(variant.settings)));
  return makeSheet<SeedRow>(
    "Runs by variant, task, domain and seed",
    [
      { key: "variant", heading: "variant", kind: "text", value: ({ variant }) => variant.name },
      ...[...settings].map(
        (path): Column<SeedRow> => ({
          key: path,
          heading: path,
          kind: "text",
          value: ({ variant }) => variant.settings[path],
        }),
      ),
      { key: "task", kind: "text", value: ({ task }) => task.tower },
      { heading: "task", kind: "text", value: ({ task }) => taskName(task) },
      { key: "metric", kind: "text", value: ({ task }) => task.metric },
      { heading: "metric", kind: "text", value: ({ task }) => metricName(task) },
      ...domainColumns<SeedRow>(report.domainNames),
      { key: "seed", heading: "seed", kind: "count", value: ({ run }) => run.seed },
      { key: "value", heading: "value", kind: "number", digits: 4, value: ({ value }) => value },
      { key: "difference", heading: "difference", kind: "number", digits: 5, value: ({ difference }) => difference },
      { key: "mean_difference", kind: "number", value: ({ cell }) => cell.difference?.mean },
      { key: "low", kind: "number", value: ({ cell }) => cell.difference?.low },
      { key: "high", kind: "number", value: ({ cell }) => cell.difference?.high },
      { key: "verdict", kind: "text", value: ({ cell }) => cell.difference?.verdict.kind },
      { key: "seconds", heading: "seconds", kind: "number", digits: 1, value: ({ run }) => run.seconds },
      { key: "kept", heading: "kept", kind: "flag", value: ({ run }) => run.kept },
    ],
    report.variants.flatMap((variant) => variantRows(report, variant)),
  );
}

function variantRows({ tasks, variants: [model] }: StudyReport, variant: StudyVariant): SeedRow[] {
  const inModel = (seed: number): number => model?.runs.findIndex((run) => run.seed === seed) ?? -1;
  return tasks.flatMap((task, t) =>
    studyCells(variant.tasks[t]).flatMap((cell, d) =>
      variant.runs.map((run, r) => {
        const value = cell.bySeed[r] ?? null;
        const base = studyCells(model?.tasks[t])[d]?.bySeed[inModel(run.seed)] ?? null;
        const difference = variant === model || value === null || base === null ? null : value - base;
        return { variant, task, domain: d - 1, run, cell, value, difference };
      }),
    ),
  );
}
