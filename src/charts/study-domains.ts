/** A study by domain: the difference of each variant in each task and domain, so that a seesaw is seen. */
import type { StudyReport, StudyTask, StudyVariant } from "../ablation/report.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose, type Panel, type PanelRow } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { comparedVariants, metricOfAll, signed, studyTaskName } from "./study-text.js";
import { nameDomains } from "./tasks.js";
import { count, label, plotText, sentence, shorten } from "./text.js";
import { DIVERGING } from "./theme.js";
import { nameTicks } from "./ticks.js";

const MAX_VARIANTS = 40;
const CELL_TEXT_DOMAINS = 10;
const AXES_WIDTH = 360;
/** Colours span at least this much, so that noise stays pale. */
const LEAST_SPAN = 0.001;

/** Heat maps of differences, one a task: blue is worse, red is better, whichever way the metric points. */
export function studyDomainsChart(report: StudyReport): Chart {
  const variants = comparedVariants(report).slice(0, MAX_VARIANTS);
  const names = ["all rows", ...nameDomains(report.domainNames, report.domainNames.length)];
  const span = spanOf(report, variants);
  const title = domainsTitle(report, names);
  const rows = report.tasks.map((task, at): PanelRow => {
    const panel = heatPanel(task, at, variants, names, span);
    return { height: Math.max(60, variants.length * 24), panels: [panel] };
  });
  return { title, figure: compose({ title, rows }), table: domainsTable(report, names) };
}

function heatPanel(
  task: StudyTask,
  at: number,
  variants: readonly StudyVariant[],
  names: readonly string[],
  span: number,
): Panel {
  const ticks = nameTicks(names, AXES_WIDTH);
  const longest = Math.max(6, ...variants.map(({ name }) => Math.min(24, [...name].length)));
  return {
    title: studyTaskName(task),
    traces: [heat(task, at, variants, names, span)],
    xaxis: ticks.axis,
    yaxis: {
      tickvals: variants.map((_, row) => row),
      ticktext: variants.map(({ name }) => label(name, 24)),
      range: [Math.max(1, variants.length) - 0.5, -0.5],
      showgrid: false,
    },
    left: 24 + Math.round(longest * 7.4),
    below: ticks.below,
  };
}

function heat(
  task: StudyTask,
  at: number,
  variants: readonly StudyVariant[],
  names: readonly string[],
  span: number,
): PlotlyTrace {
  const cells = variants.map((variant) => cellsOf(variant, at));
  const sign = task.higherIsBetter ? 1 : -1;
  const text = cells.map((row) =>
    row.map((cell) => `${signed(cell?.difference?.mean, 4)}${isSure(cell?.difference?.verdict.kind) ? " *" : ""}`),
  );
  return {
    type: "heatmap",
    z: cells.map((row) => row.map((cell) => (cell?.difference == null ? null : sign * cell.difference.mean))),
    zmin: -span,
    zmax: span,
    colorscale: DIVERGING as Json,
    showscale: at === 0,
    colorbar: { title: { text: "better by", side: "top" }, tickformat: "+.2~g", nticks: 5 },
    xgap: 1,
    ygap: 1,
    hoverongaps: false,
    ...(names.length <= CELL_TEXT_DOMAINS + 1 ? { text, texttemplate: "%{text}" } : {}),
    customdata: cells.map((row, v) =>
      row.map((cell, d) => {
        const said = cell?.difference?.verdict.text ?? "not defined";
        return `${plotText(`${variants[v]?.name}, ${names[d]}`)}<br>${signed(cell?.difference?.mean, 5)}: ${plotText(said)}`;
      }),
    ),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

function cellsOf({ tasks }: StudyVariant, at: number) {
  const task = tasks[at];
  return task === undefined ? [] : [task.overall, ...task.domains];
}

function isSure(kind: string | undefined): boolean {
  return kind === "better" || kind === "worse";
}

function spanOf(report: StudyReport, variants: readonly StudyVariant[]): number {
  const means = variants.flatMap((variant) =>
    report.tasks.flatMap((_, at) => cellsOf(variant, at).map((cell) => Math.abs(cell.difference?.mean ?? 0))),
  );
  return Math.max(LEAST_SPAN, ...means);
}

/** A seesaw: a variant that is better in one place and worse in another, beyond noise. */
function domainsTitle(report: StudyReport, names: readonly string[]): string {
  const metric = metricOfAll(report);
  if (report.domainNames.length === 0) return `Differences in ${metric} by task: the model has no domains`;
  const seesaw = comparedVariants(report).find((variant) => {
    const kinds = variant.tasks
      .flatMap(({ overall, domains }) => [overall, ...domains])
      .map((cell) => cell.difference?.verdict.kind);
    return kinds.includes("better") && kinds.includes("worse");
  });
  const sure = report.variants
    .flatMap(({ tasks }) => tasks.flatMap(({ domains }) => domains))
    .filter((cell) => isSure(cell.difference?.verdict.kind)).length;
  return sentence([
    `Differences in ${metric} by task and domain: ${sure === 0 ? "none in a single domain is beyond noise" : `${count(sure, "cell")} of a domain beyond noise (*)`}`,
    seesaw === undefined ? null : `a seesaw in ${shorten(seesaw.name, 28)}`,
    names.length > CELL_TEXT_DOMAINS + 1 ? "numbers in the table" : null,
  ]);
}

function domainsTable(report: StudyReport, names: readonly string[]): Table {
  const { level, comparisons } = report.confidence.domains;
  return {
    caption: `Differences to the model by task and domain; of the domains' ${count(comparisons, "interval")} all hold together with ${(100 * level).toFixed(1)} % (Bonferroni)`,
    columns: [
      { name: "variant" },
      { name: "task" },
      { name: "domain" },
      { name: "mean", digits: 4 },
      { name: "difference", digits: 5 },
      { name: "low", digits: 5 },
      { name: "high", digits: 5 },
      { name: "verdict", align: "left" },
    ],
    rows: comparedVariants(report).flatMap((variant) =>
      report.tasks.flatMap((task, at) =>
        cellsOf(variant, at).map(({ mean, difference }, d): Cell[] => [
          variant.name,
          studyTaskName(task),
          names[d] as string,
          mean,
          difference?.mean ?? null,
          difference?.low ?? null,
          difference?.high ?? null,
          difference?.verdict.text ?? "not defined",
        ]),
      ),
    ),
  };
}
