/** A study: means by variant and task, differences from the model with their intervals, and verdicts. */

import type { StudyCell, StudyReport, StudyTask, StudyVariant, VariantTask } from "../../ablation/index.js";
import { count } from "../../util/text/format.js";
import { snakeCase } from "../../util/text/snake-case.js";
import type { Column } from "../column.js";
import { domainColumns } from "../evaluation/index.js";
import { comparedVariants, levelText, metricName, nameDomains, planMark, seedsText, taskName } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row {
  readonly variant: StudyVariant;
  /** The model itself, which the others are compared with. */
  readonly isModel: boolean;
  readonly task: StudyTask;
  readonly cell: StudyCell | undefined;
  /** Operations of a training step, as a multiple of the model's; `null`: the model has no matrix products. */
  readonly cost: number | null;
}

/** One row per variant and task, on all rows. */
export function studySheet(report: StudyReport): Sheet {
  return makeSheet<Row>(
    studyCaption(report),
    [
      ...variantColumns<Row>(),
      { key: "seeds", heading: "seeds", kind: "count", value: ({ cell }) => cell?.bySeed.length ?? 0 },
      { key: "parameters", heading: "parameters", kind: "count", value: ({ variant }) => variant.denseParameters },
      { key: "relative_cost", heading: "cost ×", kind: "number", digits: 2, value: ({ cost }) => cost },
      ...differenceColumns<Row>(),
      {
        key: "verdict",
        heading: "verdict",
        kind: "text",
        value: ({ isModel, variant, cell }) => (isModel ? "" : verdictText(variant, cell)),
      },
    ],
    report.variants.flatMap((variant, at) =>
      report.tasks.map((task, t) => {
        const cost = relativeCost(variant, report);
        return { variant, isModel: at === 0, task, cell: variant.tasks[t]?.overall, cost };
      }),
    ),
  );
}

/** One row per variant, task and domain; the first is all rows. */
export function studyDomainsSheet(report: StudyReport): Sheet {
  const { level, comparisons } = report.confidence.domains;
  type Place = Omit<Row, "isModel" | "cost"> & { readonly domain: number };
  return makeSheet<Place>(
    `${planMark(report, "domains")}Differences to the model by task and domain; all ${count(comparisons, "interval")} of the domains hold together with ${levelText(level)}`,
    [
      ...variantColumns<Place>().filter(({ heading }) => heading !== "metric"),
      ...domainColumns<Place>(nameDomains(report.domainNames, report.domainNames.length)),
      ...differenceColumns<Place>(),
      {
        key: "verdict",
        heading: "verdict",
        kind: "text",
        value: ({ cell }) => cell?.difference?.verdict.text ?? "not defined",
      },
    ],
    comparedVariants(report).flatMap((variant) =>
      report.tasks.flatMap((task, t) =>
        studyCells(variant.tasks[t]).map((cell, d) => ({ variant, task, domain: d - 1, cell })),
      ),
    ),
  );
}

/** All rows, then the domains; empty if a variant lacks the task. */
export function studyCells(task: VariantTask | undefined): readonly StudyCell[] {
  return task === undefined ? [] : [task.overall, ...task.domains];
}

function variantColumns<Row extends { readonly variant: StudyVariant; readonly task: StudyTask }>(): Column<Row>[] {
  return [
    { key: "variant", heading: "variant", kind: "text", value: ({ variant }) => variant.name },
    { key: "task", kind: "text", value: ({ task }) => task.tower },
    { heading: "task", kind: "text", value: ({ task }) => taskName(task) },
    { key: "metric", kind: "text", value: ({ task }) => snakeCase(task.metric) },
    { heading: "metric", kind: "text", value: ({ task }) => metricName(task) },
  ];
}

function differenceColumns<Row extends { readonly cell: StudyCell | undefined }>(): Column<Row>[] {
  return [
    { key: "mean", heading: "mean", kind: "number", digits: 4, value: ({ cell }) => cell?.mean },
    {
      key: "difference",
      heading: "difference",
      kind: "number",
      digits: 5,
      value: ({ cell }) => cell?.difference?.mean,
    },
    { key: "low", heading: "low", kind: "number", digits: 5, value: ({ cell }) => cell?.difference?.low },
    { key: "high", heading: "high", kind: "number", digits: 5, value: ({ cell }) => cell?.difference?.high },
  ];
}

function relativeCost({ trainingFlopsPerRow }: StudyVariant, { variants: [model] }: StudyReport): number | null {
  const base = model?.trainingFlopsPerRow ?? 0;
  return base === 0 ? null : trainingFlopsPerRow / base;
}

function verdictText({ dropped, runs }: StudyVariant, cell: StudyCell | undefined): string {
  if (dropped !== null) {
    return `dropped in round ${dropped.round} of halving, ${dropped.behind.toFixed(4)} from the model`;
  }
  if (runs.length === 0) return "no finished run: see the notes";
  return cell?.difference?.verdict.text ?? "not defined";
}

function studyCaption(report: StudyReport): string {
  const { evaluationRows, user, confidence } = report;
  const rows = count(evaluationRows, "validation row");
  const rowsText = user === null ? rows : `${rows}, whole users by ${user}`;
  const { comparisons, level } = confidence.overall;
  return `${planMark(report)}Variants against the model, ${seedsText(report)}, ${rowsText}; intervals of ${count(comparisons, "comparison")} hold together with ${levelText(level)}`;
}
