/**
 * A study as a forest plot: each variant's mean difference from the model with its corrected interval, one panel per
 * task.
 */
import type {
  StudyCell,
  StudyReport,
  StudyTask,
  StudyVariant,
  VariantDifference,
  VerdictKind,
} from "../../ablation/index.js";
import {
  comparedVariants,
  levelText,
  metricName,
  metricOfAll,
  planMark,
  seedsText,
  studySheet,
  taskName,
} from "../../tables/index.js";
import { count, signed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { dots, words } from "../marks/index.js";
import { chart, type Panel, panelRows, rowNames, xAxis } from "../panels/index.js";
import { BETTER, INK, markup, sentence, WORSE } from "../theme/index.js";

/** Largest number of variants: those that differ most from the model are drawn, the table has all. */
const MAX_VARIANTS = 40;
const NAME_LETTERS = 30;
const ROW_HEIGHT = 24;
const ACROSS = 2;

/** Differences by variant. Undefined differences, and those without an interval (one seed), are labeled. */
export function studyForestChart(report: StudyReport): Chart {
  const variants = shownVariants(report);
  const panels = report.tasks.map((task, t) => taskPanel(task, variants, t));
  const height = Math.max(80, variants.length * ROW_HEIGHT + 16);
  return chart({
    title: planMark(report) + forestTitle(report),
    rows: panelRows(panels, { across: ACROSS, height, empty: "no tasks" }),
    sheet: studySheet(report),
  });
}

function taskPanel(task: StudyTask, variants: readonly StudyVariant[], index: number): Panel {
  const { yaxis, left } = rowNames(
    variants.map(({ name }) => name),
    { letters: NAME_LETTERS, named: index % ACROSS === 0 },
  );
  return {
    title: taskName(task),
    marks: variants.flatMap((variant, row) => {
      const cell = variant.tasks[index]?.overall;
      return cell === undefined ? [] : variantMarks(cell, row, variant.name, task);
    }),
    xaxis: xAxis(`difference in ${metricName(task)}`, {
      zeroline: true,
      zerolinecolor: INK,
      zerolinewidth: 1,
      tickformat: ".3~g",
      nticks: 5,
    }),
    yaxis: { ...yaxis, ticks: "" },
    left,
    below: 48,
  };
}

/** Each seed's difference as a faint line, the mean with its interval over them. */
function variantMarks({ difference }: StudyCell, row: number, name: string, task: StudyTask): PlotlyTrace[] {
  if (difference === null) return [words({ x: [0], y: [row], texts: ["not defined"] })];
  const { mean, low, high, bySeed, verdict } = difference;
  const shade = verdictColour(difference);
  const range = low === null ? "no interval" : `${signed(low, 5)} to ${signed(high, 5)}`;
  return [
    dots({
      x: bySeed,
      y: bySeed.map(() => row),
      color: INK,
      size: 8,
      symbol: "line-ns-open",
      outline: { width: 1.5 },
      hover: markup`${name}, one seed: %{x:+.5f}`,
    }),
    dots({
      x: [mean],
      y: [row],
      color: shade,
      size: 10,
      symbol: SYMBOLS[verdict.kind],
      whiskersX: low === null ? undefined : { low: [low], high: [high], color: shade, thickness: 2, caps: 5 },
      hover: markup`${name}, ${taskName(task)}<br>${signed(mean, 5)} (${range})<br>${verdict.text}`,
    }),
  ];
}

/** Teal, rust, or grey without a verdict. */
function verdictColour({ verdict }: VariantDifference): string {
  if (verdict.kind === "better") return BETTER;
  return verdict.kind === "worse" ? WORSE : INK;
}

/** Verdicts differ by more than colour. */
const SYMBOLS: Readonly<Record<VerdictKind, string>> = {
  better: "triangle-up",
  worse: "triangle-down",
  equivalent: "square",
  "no difference beyond noise": "circle",
  undecided: "circle",
};

function shownVariants(report: StudyReport): readonly StudyVariant[] {
  const variants = comparedVariants(report);
  if (variants.length <= MAX_VARIANTS) return variants;
  const distance = ({ tasks }: StudyVariant): number =>
    Math.max(...tasks.map(({ overall }) => Math.abs(overall.difference?.mean ?? 0)));
  const farthest = new Set([...variants].sort((a, b) => distance(b) - distance(a)).slice(0, MAX_VARIANTS));
  return variants.filter((variant) => farthest.has(variant));
}

/** How many differences are better, worse, within noise or undecided. */
function forestTitle(report: StudyReport): string {
  const variants = comparedVariants(report);
  const kinds = variants.flatMap(({ tasks }) => tasks.map(({ overall }) => overall.difference?.verdict.kind));
  const number = (kind: VerdictKind): number => kinds.filter((each) => each === kind).length;
  const [better, worse, undecided] = [number("better"), number("worse"), number("undecided")];
  const equivalent = number("equivalent");
  const noise = variants.length * report.tasks.length - better - worse - equivalent - undecided;
  const verdicts = [
    better === 0 ? null : `${better} better`,
    worse === 0 ? null : `${worse} worse`,
    equivalent === 0 ? null : `${equivalent} equivalent`,
    noise === 0 ? null : `${noise} within noise`,
    undecided === 0 ? null : `${undecided} undecided`,
  ].filter((part) => part !== null);
  const selection = variants.length > MAX_VARIANTS ? `${MAX_VARIANTS} of ` : "";
  return sentence([
    `${metricOfAll(report)} against the model over ${seedsText(report)}: ${verdicts.join(", ") || "nothing to compare"}`,
    `${selection}${count(variants.length, "variant")}, joint ${levelText(report.confidence.overall.level)} intervals`,
  ]);
}
