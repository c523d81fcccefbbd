/** A study by domain: the difference of each variant in each task and domain, to detect a seesaw. */

import type { StudyReport, StudyTask, StudyVariant } from "../../ablation/index.js";
import { count, signed } from "../../util/text/format.js";
import { ALL_ROWS, comparedVariants, metricOfAll, planMark, taskName } from "../names.js";
import { chart, type Panel, type PanelRow } from "../panels/compose.js";
import { heatPanel } from "../panels/heat.js";
import { DIVERGING, markup, sentence, shorten } from "../theme.js";
import type { Chart } from "../view.js";
import { studyCells, studyDomainsSheet } from "./study.js";

const MAX_VARIANTS = 40;
/** With more columns, numbers do not fit into cells. */
const CELL_TEXT_COLUMNS = 10;
const AXES_WIDTH = 360;
/** Colours span at least this much, so that noise stays pale. */
const LEAST_SPAN = 0.001;

/** Heat maps of differences, one per task: teal is better, rust is worse, for every metric. */
export function studyDomainsChart(report: StudyReport): Chart {
  const variants = comparedVariants(report).slice(0, MAX_VARIANTS);
  // A single domain has all rows.
  const columns = [ALL_ROWS, ...(report.domainNames.length < 2 ? [] : report.domainNames)];
  const span = largestDifference(report, variants);
  const rows = report.tasks.map((task, t): PanelRow => {
    const height = Math.max(60, variants.length * 24);
    return { height, panels: [taskPanel(task, t, variants, columns, span, height)] };
  });
  return chart({
    title: planMark(report, "domains") + domainsTitle(report, columns.length),
    rows,
    sheet: studyDomainsSheet(report),
  });
}

function taskPanel(
  task: StudyTask,
  index: number,
  variants: readonly StudyVariant[],
  columns: readonly string[],
  span: number,
  height: number,
): Panel {
  const cells = variants.map((variant) => studyCells(variant.tasks[index]));
  const sign = task.higherIsBetter ? 1 : -1;
  const difference = (row: number, column: number) => cells[row]?.[column]?.difference ?? null;
  return heatPanel(
    {
      title: taskName(task),
      rows: variants.map(({ name }) => name),
      columns,
      values: variants.map((_, r) =>
        columns.map((__, c) => {
          const mean = difference(r, c)?.mean;
          return mean === undefined ? null : sign * mean;
        }),
      ),
      range: [-1.05 * span, 1.05 * span],
      scale: DIVERGING,
      bar: index === 0 ? { title: { text: "better by", side: "top" }, tickformat: ".2~g", nticks: 5 } : null,
      cell: (r, c) => `${verdictMark(difference(r, c)?.verdict.kind)}${signed(difference(r, c)?.mean, 4)}`,
      hover: (r, c) => {
        const cell = difference(r, c);
        const name = markup`${variants[r]!.name}, ${columns[c]!}`;
        return cell === null ? name : markup`${name}<br>${signed(cell.mean, 5)}: ${cell.verdict.text}`;
      },
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
}

/** As in the comparison of two models. */
function verdictMark(kind: string | undefined): string {
  return kind === "better" ? "▲ " : kind === "worse" ? "▼ " : "";
}

function isBeyondNoise(kind: string | undefined): boolean {
  return kind === "better" || kind === "worse";
}

function largestDifference(report: StudyReport, variants: readonly StudyVariant[]): number {
  const means = variants.flatMap((variant) =>
    report.tasks.flatMap((_, t) => studyCells(variant.tasks[t]).map((cell) => Math.abs(cell.difference?.mean ?? 0))),
  );
  return Math.max(LEAST_SPAN, ...means);
}

/** A seesaw: a variant that is better in one cell and worse in another, beyond noise. */
function domainsTitle(report: StudyReport, columns: number): string {
  const metric = metricOfAll(report);
  if (report.domainNames.length === 0) return `Differences in ${metric} by task: the model has no domains`;
  const seesaw = comparedVariants(report).find(({ tasks }) => {
    const kinds = tasks.flatMap((task) => studyCells(task).map((cell) => cell.difference?.verdict.kind));
    return kinds.includes("better") && kinds.includes("worse");
  });
  const domains = report.variants.flatMap(({ tasks }) => tasks.flatMap((task) => task.domains));
  const sure = domains.filter((cell) => isBeyondNoise(cell.difference?.verdict.kind)).length;
  const summary =
    sure === 0
      ? "none in a single domain is beyond noise"
      : `${count(sure, "cell")} of a domain beyond noise (▲ better, ▼ worse)`;
  return sentence([
    `Differences in ${metric} by task and domain: ${summary}`,
    seesaw === undefined ? null : `a seesaw in ${shorten(seesaw.name, 28)}`,
    columns > CELL_TEXT_COLUMNS ? "numbers in the table" : null,
  ]);
}
