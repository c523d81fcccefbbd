/** The view of a study: its variants and their differences from the model. */

import { count, signed, snakeCase } from "../../../core/util/text.js";
import type { VerdictKind } from "../../ablation/statistics/verdict.js";
import type { StudyCell, StudyReport, StudyTask, StudyVariant, VariantTask } from "../../ablation/study.js";
import { chart, type Panel, panelRows, rowNames, WIDE_NAMES, xAxis } from "../compose.js";
import { dots } from "../lines.js";
import { words } from "../mark.js";
import { BETTER, INK, largestOf, markup, sentence, WORSE } from "../theme.js";
import {
  type Chart,
  type Column,
  col,
  comparedVariants,
  domainColumns,
  levelText,
  metricName,
  metricOfAll,
  nameDomains,
  type PlotlyTrace,
  planMark,
  type Sheet,
  seedsText,
  sheetFrom,
  taskName,
} from "../view.js";

export function studySheet(report: StudyReport): Sheet {
  const [model] = report.variants;
  const any = hasCollapsed(report);
  const rows = report.variants.flatMap((variant) =>
    report.tasks.map((task, t) => {
      const { overall: cell, collapsed } = variant.tasks[t] ?? {};
      return { variant, task, cell, collapsed, without: (collapsed ?? cell)?.difference };
    }),
  );
  return sheetFrom(studyCaption(report), rows, [
    variantColumns,
    // Before the numbers: narrow pages and terminals cut what is last.
    col.text("verdict", ({ variant, cell }) => (variant === model ? "" : verdictText(variant, cell))),
    differenceColumns,
    col.count("seeds", ({ cell }) => cell?.bySeed.length ?? 0),
    col.count("parameters", ({ variant }) => variant.denseParameters),
    col.number(["relative_cost", "cost ×"], ({ variant }) => relativeCost(variant, report), 2),
    any && col.count("collapsed", ({ collapsed }) => collapsed?.runs.length ?? 0),
    any && col.number("difference_without", ({ without }) => without?.mean, 5),
    any && col.text("verdict_without", ({ without }) => without?.verdict.text ?? ""),
  ]);
}

function hasCollapsed({ variants }: StudyReport): boolean {
  return variants.some(({ tasks }) => tasks.some(({ collapsed }) => collapsed !== undefined));
}

export function studyDomainsSheet(report: StudyReport): Sheet {
  const { level, comparisons } = report.confidence.domains;
  const caption = `${planMark(report, "domains")}Differences to the model by task and domain; all ${count(comparisons, "interval")} of the domains hold together with ${levelText(level)}`;
  const rows = comparedVariants(report).flatMap((variant) =>
    report.tasks.flatMap((task, t) =>
      studyCells(variant.tasks[t]).map((cell, d) => ({ variant, task, domain: d - 1, cell })),
    ),
  );
  return sheetFrom(caption, rows, [
    variantColumns.filter(({ heading }) => heading !== "metric"),
    domainColumns(nameDomains(report.domainNames, report.domainNames.length)),
    col.text("verdict", ({ cell }) => cell.difference?.verdict.text ?? "not defined"),
    differenceColumns,
  ]);
}

export function studyCells(task: VariantTask | undefined): readonly StudyCell[] {
  return task === undefined ? [] : [task.overall, ...task.domains];
}

const variantColumns: readonly Column<{ readonly variant: StudyVariant; readonly task: StudyTask }>[] = [
  col.text("variant", ({ variant }) => variant.name),
  col.text(["task", null], ({ task }) => task.tower),
  col.text([null, "task"], ({ task }) => taskName(task)),
  col.text(["metric", null], ({ task }) => snakeCase(task.metric)),
  col.text([null, "metric"], ({ task }) => metricName(task)),
];

interface Measured {
  readonly cell: StudyCell | undefined;
}

const differenceColumns: readonly Column<Measured>[] = [
  col.number("difference", ({ cell }) => cell?.difference?.mean, 5),
  ...col.ends<Measured>(({ cell }) => cell?.difference, 5),
  col.number("mean", ({ cell }) => cell?.mean, 4),
];

/** Operations of a training step, as a multiple of the model's; `null`: the model has no matrix products. */
function relativeCost({ trainingFlopsPerRow }: StudyVariant, { variants: [model] }: StudyReport): number | null {
  const base = model?.trainingFlopsPerRow ?? 0;
  return base === 0 ? null : trainingFlopsPerRow / base;
}

function verdictText({ runs }: StudyVariant, cell: StudyCell | undefined): string {
  if (runs.length === 0) return "no finished run: see the notes";
  return cell?.difference?.verdict.text ?? "not defined";
}

function studyCaption(report: StudyReport): string {
  const { evaluationRows, user, confidence } = report;
  const rows = `${count(evaluationRows, "validation row")}${user === null ? "" : `, whole users by ${user}`}`;
  const { comparisons, level } = confidence.overall;
  return `${planMark(report)}Variants against the model, ${seedsText(report)}, ${rows}; intervals of ${count(comparisons, "comparison")} hold together with ${levelText(level)}`;
}

export function studyRunsSheet(report: StudyReport): Sheet {
  const settings = new Set(report.variants.flatMap((variant) => Object.keys(variant.settings)));
  const rows = report.variants.flatMap((variant) => variantRows(report, variant));
  return sheetFrom("Runs by variant, task, domain and seed", rows, [
    variantColumns,
    [...settings].map((path) => col.text(path, ({ variant }) => variant.settings[path])),
    domainColumns(report.domainNames),
    col.count("seed", ({ run }) => run.seed),
    col.number("value", ({ value }) => value, 4),
    col.number("difference", ({ difference }) => difference, 5),
    col.number(["mean_difference", null], ({ cell }) => cell.difference?.mean),
    col.number(["low", null], ({ cell }) => cell.difference?.low),
    col.number(["high", null], ({ cell }) => cell.difference?.high),
    col.text(["verdict", null], ({ cell }) => cell.difference?.verdict.kind),
    hasCollapsed(report) && col.flag("collapsed", ({ collapsed }) => collapsed),
    col.measured(col.number("seconds", ({ run }) => run.seconds, 1)),
    col.measured(col.flag("kept", ({ run }) => run.kept)),
  ]);
}

/** By seed the value, and its difference from the model's run with the same seed; `null` for the model itself. */
function variantRows({ tasks, variants: [model] }: StudyReport, variant: StudyVariant) {
  const inModel = (seed: number): number => model?.runs.findIndex((run) => run.seed === seed) ?? -1;
  return tasks.flatMap((task, t) =>
    studyCells(variant.tasks[t]).flatMap((cell, d) =>
      variant.runs.map((run, r) => {
        const value = cell.bySeed[r] ?? null;
        const base = studyCells(model?.tasks[t])[d]?.bySeed[inModel(run.seed)] ?? null;
        const difference = variant === model || value === null || base === null ? null : value - base;
        const collapsed = d === 0 && variant.tasks[t]!.collapsed?.runs.some(({ seed }) => seed === run.seed) === true;
        return { variant, task, domain: d - 1, run, cell, value, difference, collapsed };
      }),
    ),
  );
}

const MAX_VARIANTS = 40;
const NAME_LETTERS = 30;
const ROW_HEIGHT = 24;
const ACROSS = 2;

export function studyForestChart(report: StudyReport): Chart {
  const distance = ({ tasks }: StudyVariant): number =>
    Math.max(...tasks.map(({ overall }) => Math.abs(overall.difference?.mean ?? 0)));
  const variants = largestOf(comparedVariants(report), distance, MAX_VARIANTS);
  const panels = report.tasks.map((task, t) => taskPanel(task, variants, t));
  const height = Math.max(80, variants.length * ROW_HEIGHT + 16);
  return chart({
    title: planMark(report) + forestTitle(report),
    rows: panelRows(panels, { across: ACROSS, height, empty: "no tasks" }),
    sheet: studySheet(report),
  });
}

function taskPanel(task: StudyTask, variants: readonly StudyVariant[], index: number): Panel {
  const names = variants.map(({ name }) => name);
  const isStacked = rowNames(names, { letters: NAME_LETTERS }).left > WIDE_NAMES;
  const { yaxis, left } = rowNames(names, { letters: NAME_LETTERS, named: isStacked || index % ACROSS === 0 });
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
      tickformat: ".3~f",
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
  const { color, symbol } = LOOKS[verdict.kind];
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
      color,
      size: 10,
      symbol,
      whiskersX: low === null ? undefined : { low: [low], high: [high], color, thickness: 2, caps: 5 },
      hover: markup`${name}, ${taskName(task)}<br>${signed(mean, 5)} (${range})<br>${verdict.text}`,
    }),
  ];
}

const LOOKS: Readonly<Record<VerdictKind, { readonly color: string; readonly symbol: string }>> = {
  better: { color: BETTER, symbol: "triangle-up" },
  worse: { color: WORSE, symbol: "triangle-down" },
  equivalent: { color: INK, symbol: "square" },
  "no difference beyond noise": { color: INK, symbol: "circle" },
  undecided: { color: INK, symbol: "circle" },
};

function forestTitle(report: StudyReport): string {
  const variants = comparedVariants(report);
  const kinds = variants.flatMap(({ tasks }) => tasks.map(({ overall }) => overall.difference?.verdict.kind));
  const number = (kind: VerdictKind): number => kinds.filter((each) => each === kind).length;
  const counts = { better: 0, worse: 0, equivalent: 0, "within noise": 0, undecided: 0 };
  for (const kind of ["better", "worse", "equivalent", "undecided"] as const) counts[kind] = number(kind);
  const others = counts.better + counts.worse + counts.equivalent + counts.undecided;
  counts["within noise"] = variants.length * report.tasks.length - others;
  const verdicts = Object.entries(counts).flatMap(([verdict, total]) => (total === 0 ? [] : [`${total} ${verdict}`]));
  const selection = variants.length > MAX_VARIANTS ? `${MAX_VARIANTS} of ` : "";
  return sentence([
    `${metricOfAll(report)} against the model: ${verdicts.join(", ") || "nothing to compare"}`,
    `${seedsText(report)}, ${selection}${count(variants.length, "variant")}, joint ${levelText(report.confidence.overall.level)} intervals`,
  ]);
}
