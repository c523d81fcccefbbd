/** A study as a forest plot: each variant's mean difference to the model with its corrected interval, a panel a task. */
import type { StudyCell, StudyReport, StudyTask, StudyVariant } from "../ablation/report.js";
import type { VerdictKind } from "../ablation/statistics/verdict.js";
import { compose, type Panel, type PanelRow } from "./compose.js";
import type { Chart, PlotlyTrace } from "./figure.js";
import { studyTable } from "./study-table.js";
import {
  comparedVariants,
  metricName,
  metricOfAll,
  seedsText,
  signed,
  studyTaskName,
  verdictColour,
} from "./study-text.js";
import { count, label, plotText, sentence } from "./text.js";
import { faded, INK } from "./theme.js";

/** More variants than this do not fit a screen: those farthest from the model are drawn, the table has all. */
const MAX_VARIANTS = 40;
const NAME_LETTERS = 30;
const ROW_HEIGHT = 24;
const PANELS_A_ROW = 2;

/** Differences by variant. A difference that is not defined, or has no interval yet (one seed), says so. */
export function studyForestChart(report: StudyReport): Chart {
  const title = forestTitle(report);
  const variants = shownVariants(report);
  const panels = report.tasks.map((task, at) => forestPanel(task, variants, at));
  const height = Math.max(80, variants.length * ROW_HEIGHT + 16);
  const rows: PanelRow[] = [];
  for (let at = 0; at < panels.length; at += PANELS_A_ROW) {
    const own = panels.slice(at, at + PANELS_A_ROW);
    rows.push({ height, panels: own.map((panel, p) => (p === 0 ? panel : withoutNames(panel))) });
  }
  return { title, figure: compose({ title, rows }), table: studyTable(report) };
}

function forestPanel(task: StudyTask, variants: readonly StudyVariant[], at: number): Panel {
  const cells = variants.map(({ tasks }) => tasks[at]?.overall);
  const longest = Math.max(6, ...variants.map(({ name }) => Math.min(NAME_LETTERS, [...name].length)));
  return {
    title: studyTaskName(task),
    traces: cells.flatMap((cell, row) =>
      cell === undefined ? [] : marks(cell, row, variants[row] as StudyVariant, task),
    ),
    xaxis: {
      title: { text: `difference in ${metricName(task)}`, standoff: 6 },
      zeroline: true,
      zerolinecolor: INK,
      zerolinewidth: 1,
      tickformat: "+.3~g",
      nticks: 5,
    },
    yaxis: {
      tickvals: variants.map((_, row) => row),
      ticktext: variants.map(({ name }) => label(name, NAME_LETTERS)),
      range: [Math.max(1, variants.length) - 0.5, -0.5],
      showgrid: false,
      ticks: "",
    },
    left: 20 + Math.round(longest * 7.2),
    below: 48,
  };
}

function withoutNames(panel: Panel): Panel {
  return { ...panel, yaxis: { ...panel.yaxis, showticklabels: false }, left: 16 };
}

/** Each seed's difference as a faint dot, the mean with its interval over them. */
function marks(cell: StudyCell, row: number, { name }: StudyVariant, task: StudyTask): PlotlyTrace[] {
  const { difference } = cell;
  if (difference === null) {
    return [{ type: "scatter", mode: "text", x: [0], y: [row], text: ["not defined"], hoverinfo: "skip" }];
  }
  const shade = verdictColour(difference);
  const { mean, low, high, bySeed, verdict } = difference;
  const interval: PlotlyTrace =
    low === null ? {} : { error_x: { array: [(high as number) - mean], color: shade, thickness: 2, width: 5 } };
  const range = low === null ? "no interval" : `${signed(low, 5)} to ${signed(high, 5)}`;
  return [
    {
      type: "scatter",
      mode: "markers",
      x: bySeed,
      y: bySeed.map(() => row),
      marker: { color: faded(INK, 0.55), size: 8, symbol: "line-ns-open", line: { width: 1.5 } },
      hovertemplate: `${plotText(name)}, one seed: %{x:+.5f}<extra></extra>`,
    },
    {
      type: "scatter",
      mode: "markers",
      x: [mean],
      y: [row],
      marker: { color: shade, size: 10, symbol: symbolOf(verdict.kind) },
      ...interval,
      hovertemplate: `${plotText(`${name}, ${studyTaskName(task)}`)}<br>${signed(mean, 5)} (${range})<br>${plotText(verdict.text)}<extra></extra>`,
    },
  ];
}

/** Verdicts differ by more than colour. */
function symbolOf(kind: VerdictKind): string {
  return kind === "better" ? "triangle-right" : kind === "worse" ? "triangle-left" : "circle";
}

function shownVariants(report: StudyReport): readonly StudyVariant[] {
  const variants = comparedVariants(report);
  if (variants.length <= MAX_VARIANTS) return variants;
  const distance = ({ tasks }: StudyVariant): number =>
    Math.max(...tasks.map(({ overall }) => Math.abs(overall.difference?.mean ?? 0)));
  const kept = new Set([...variants].sort((a, b) => distance(b) - distance(a)).slice(0, MAX_VARIANTS));
  return variants.filter((variant) => kept.has(variant));
}

function forestTitle(report: StudyReport): string {
  const variants = comparedVariants(report);
  const says = (kind: VerdictKind): number =>
    variants.flatMap(({ tasks }) => tasks).filter(({ overall }) => overall.difference?.verdict.kind === kind).length;
  const total = variants.length * report.tasks.length;
  const [better, worse, undecided] = [says("better"), says("worse"), says("undecided")];
  const noise = total - better - worse - undecided;
  const verdicts = [
    better === 0 ? null : `${better} better`,
    worse === 0 ? null : `${worse} worse`,
    noise === 0 ? null : `${noise} within noise`,
    undecided === 0 ? null : `${undecided} undecided (one seed)`,
  ].filter((part) => part !== null);
  const shown = variants.length > MAX_VARIANTS ? `${MAX_VARIANTS} of ` : "";
  const said = verdicts.length === 0 ? "nothing to compare" : verdicts.join(", ");
  return sentence([
    `${metricOfAll(report)} against the model over ${seedsText(report)}: ${said}`,
    `${shown}${count(variants.length, "variant")}, joint ${Math.round(100 * report.level)} % intervals`,
  ]);
}
