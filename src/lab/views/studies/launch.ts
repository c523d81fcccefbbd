/** The views of a launch: AUC by the first rows of the domain, starts compared with the best, and the gain of its own tower. */

import type { Interval } from "../../../core/metrics/intervals/bootstrap.js";
import { mean } from "../../../core/util/numbers.js";
import { count, ends, fixed, grouped, signed } from "../../../core/util/text.js";
import type { DayTask } from "../../days/facts.js";
import type { LaunchGain, LaunchPays, LaunchReport } from "../../launch/facts.js";
import { chart, type Panel, panelRows, xAxis, yAxis } from "../compose.js";
import { band, line, rule } from "../lines.js";
import {
  family,
  finite,
  highest,
  inTitle,
  largestOf,
  MAX_COLOURS,
  type Markup,
  markup,
  rangeOf,
  sentence,
  tidy,
} from "../theme.js";
import {
  type Chart,
  capital,
  col,
  independentUnits,
  measuredColumns,
  type PlotlyTrace,
  type Sheet,
  sheetFrom,
  taskColumns,
  taskName,
} from "../view.js";

const MAX_PANELS = 6;
/** If there are too many starts for colours, those with lines. */
const MOST_BEST = 5;
const HEIGHT = 220;

function intervals({ user }: LaunchReport): string {
  return `95% intervals over other rows (${independentUnits(user)}) and other trainings`;
}

export function launchSheet(report: LaunchReport): Sheet {
  const caption = `${report.domain} after training on its first rows, on ${count(report.measuredRows, "row")} of it; ${intervals(report)}`;
  return sheetFrom(caption, report.cells, [
    taskColumns,
    col.text("start", ({ start }) => start),
    col.count(["trained", "first rows"], ({ trained }) => trained),
    measuredColumns,
  ]);
}

export function launchStartsSheet(report: LaunchReport): Sheet {
  const caption = `The mean AUC over ${report.sizes.map(grouped).join(", ")} rows: of the best of the other domains minus another start; ${intervals(report)}`;
  return sheetFrom(caption, report.comparisons, [
    taskColumns,
    col.text("start", ({ start }) => start),
    col.number(["mean_auc", "mean AUC"], ({ mean }) => mean, 4),
    col.text(["than", "beside"], ({ than }) => than),
    col.number("difference", ({ value }) => value, 4),
    col.ends((comparison) => comparison, 4),
    col.text(["verdict", null], ({ verdict }) => verdict),
    col.text("says", ({ says }) => says),
  ]);
}

interface GainRow extends LaunchGain {
  readonly task: DayTask;
  readonly pays: LaunchPays;
}

export function launchPaysSheet(report: LaunchReport): Sheet {
  const caption = `AUC of ${report.domain}'s own tower, trained on its first rows, minus that of the tower it starts from; ${intervals(report)}`;
  const rows = report.pays.flatMap((pays) => pays.gains.map((gain): GainRow => ({ ...gain, task: pays.task, pays })));
  return sheetFrom(caption, rows, [
    taskColumns,
    col.text("start", ({ pays }) => pays.start),
    col.count(["trained", "first rows"], ({ trained }) => trained),
    col.number("gain", ({ gain }) => gain.value, 4),
    col.ends(({ gain }) => gain, 4),
    col.number(["pays_from", "pays from"], ({ pays }) => pays.from.value, 0),
    col.ends(
      ({ pays }) => pays.from,
      0,
      "pays_from",
      (end) => `${end} of pays from`,
    ),
    col.text("says", ({ pays }) => pays.says),
  ]);
}

export function launchTrainingsSheet(report: LaunchReport): Sheet {
  return sheetFrom("Trainings", report.trainings, [
    col.text("training", (training) => training.name),
    col.count("draw", ({ draw }) => draw),
    col.text("start", ({ start }) => start),
    col.count("rows", ({ rows }) => rows),
    col.count("steps", ({ steps }) => steps),
  ]);
}

/** AUC by the number of first rows, a line for each of the best starts, with intervals. A gap has no AUC. */
export function launchChart(report: LaunchReport): Chart {
  const panels = report.tasks.slice(0, MAX_PANELS).map((task, at) => curvePanel(report, task, at === 0));
  return chart({
    title: launchTitle(report),
    subtitle: sentence([startsText(report), cut(report)]),
    rows: panelRows(panels, { across: 2, height: HEIGHT, empty: "no task to measure" }),
    legendBelow: true,
    sheet: launchSheet(report),
  });
}

function cut({ tasks }: LaunchReport): string | null {
  return tasks.length > MAX_PANELS ? `the first ${MAX_PANELS} of ${count(tasks.length, "task")}` : null;
}

/** The starts with lines: no start, for comparison, and those with the highest AUC over all tasks and sizes. */
function bestStarts({ starts, cells }: LaunchReport): string[] {
  const level = ({ name, kind }: LaunchReport["starts"][number]): number => {
    if (kind === "nothing") return Number.POSITIVE_INFINITY;
    const aucs = cells.filter(({ start }) => start === name).flatMap(({ auc }) => finite(auc.value) ?? []);
    return aucs.length === 0 ? Number.NEGATIVE_INFINITY : mean(aucs);
  };
  return largestOf(starts, level, starts.length > MAX_COLOURS ? MOST_BEST : MAX_COLOURS).map(({ name }) => name);
}

interface SizePoint {
  readonly value: Interval;
  readonly hover: Markup;
}

/** A line with intervals for each of the best starts, and the range of all others. @param point `null`: not trained */
function startMarks(
  report: LaunchReport,
  sizes: readonly number[],
  point: (start: string, size: number) => SizePoint | null,
  inLegend: boolean,
): PlotlyTrace[] {
  const best = bestStarts(report);
  const starts = family(best, { noun: "start" });
  const others = report.starts.map(({ name }) => name).filter((name) => !best.includes(name));
  const isDrawn = (name: string): boolean => sizes.some((size) => point(name, size) !== null);
  const lines = best.flatMap((name, at) => {
    if (!isDrawn(name)) return [];
    const points = sizes.map((size) => point(name, size));
    const { color, width, legend } = starts.member(at, inLegend);
    return [
      line({
        x: sizes.map((_, size) => size + shiftOf(at, best.length)),
        y: points.map((each) => tidy(each?.value.value)),
        color,
        width,
        dots: 5,
        whiskers: {
          low: points.map((each) => each?.value.low ?? null),
          high: points.map((each) => each?.value.high ?? null),
          color,
          thickness: 1,
        },
        legend,
        hover: points.map((each, size) => each?.hover ?? markup`${name}, ${count(sizes[size]!, "row")}: not trained`),
      }),
    ];
  });
  return [...otherStarts(others.filter(isDrawn), sizes, point, inLegend), ...lines];
}

function otherStarts(
  names: readonly string[],
  sizes: readonly number[],
  point: (start: string, size: number) => SizePoint | null,
  inLegend: boolean,
): PlotlyTrace[] {
  if (names.length === 0) return [];
  const values = sizes.map((size) => names.flatMap((name) => tidy(point(name, size)?.value.value) ?? []));
  const [low, high] = [Math.min, Math.max].map((choose) => {
    return values.map((each) => (each.length === 0 ? null : choose(...each)));
  });
  const name = `range of ${count(names.length, "more start")}`;
  const legend = { name, group: "others", inLegend, letters: 40 };
  return band({
    x: [...sizes.keys()],
    low: low!,
    high: high!,
    legend,
    hover: markup`${name}: the highest is %{y:.4f}`,
  });
}

function curvePanel(report: LaunchReport, task: DayTask, inLegend: boolean): Panel {
  const { sizes } = report;
  const point = (name: string, size: number): SizePoint | null => {
    const cell = report.cells.find(
      ({ task: { tower }, start, trained }) => tower === task.tower && start === name && trained === size,
    );
    if (cell === undefined) return null;
    const auc = `AUC ${fixed(cell.auc.value, 4)}${ends(cell.auc, (end) => fixed(end, 4))}`;
    const note = cell.note === null ? "" : `: ${cell.note}`;
    return { value: cell.auc, hover: markup`${name}, ${count(size, "row")}<br>${auc}${note}` };
  };
  return {
    title: panelTitle(report, task),
    marks: startMarks(report, sizes, point, inLegend),
    xaxis: sizesAxis(sizes),
    yaxis: yAxis("AUC", {
      nticks: 4,
      tickformat: ".3~f",
      range: rangeOf(report.cells.filter((cell) => cell.task.tower === task.tower).map(({ auc }) => auc)),
    }),
  };
}

/** Starts are placed side by side, so that their intervals can be distinguished. */
function shiftOf(at: number, starts: number): number {
  return ((at - (starts - 1) / 2) * 0.4) / Math.max(1, starts);
}

function panelTitle({ tasks }: LaunchReport, task: DayTask): string {
  return tasks.length === 1 ? "" : taskName(task);
}

function sizesAxis(sizes: readonly number[]) {
  return xAxis("first rows of the domain", {
    tickvals: sizes.map((_, at) => at),
    ticktext: sizes.map(grouped),
    range: [-0.5, sizes.length - 0.5],
    showgrid: false,
  });
}

function launchTitle(report: LaunchReport): string {
  const { tasks, domain, starts } = report;
  const names = starts.map(({ name }) => name);
  const named = tasks.flatMap((task) => {
    const { start, lead } = standingOf(report, task);
    return start === null ? [] : [{ task, start, lead }];
  });
  const [first] = named;
  if (first === undefined) return `No start of ${inTitle(domain)} is best beyond noise`;
  const { lead } = first;
  const ahead = lead === null ? "" : `: ${inTitle(taskName(first.task))} ${signed(lead.gap)} AUC`;
  return `Start ${inTitle(domain)} ${inTitle(first.start, names)}${ahead}`;
}

interface Standing {
  /** The best start; `null`: none is best beyond noise. */
  readonly start: string | null;
  /** The first start, the next one, and the AUC between them; `null`: not measured. */
  readonly lead: { readonly first: string; readonly gap: number; readonly other: string } | null;
}

function standingOf({ comparisons, best }: LaunchReport, task: DayTask): Standing {
  const of = comparisons.filter(({ task: { tower }, value }) => tower === task.tower && value !== null);
  const start = best.find((each) => each.task.tower === task.tower)?.start ?? null;
  // Comparisons are with the best of the other domains, which another start may be ahead of.
  const ahead = of.find((each) => each.start === start);
  if (ahead !== undefined) return { start, lead: { first: ahead.start, gap: -ahead.value!, other: ahead.than } };
  const trained = of.filter((each) => each.start !== "nothing");
  const next = highest(trained.length > 0 ? trained : of, ({ mean }) => mean ?? Number.NEGATIVE_INFINITY);
  return { start, lead: next === undefined ? null : { first: next.than, gap: next.value!, other: next.start } };
}

function startsText(report: LaunchReport): string {
  const names = report.starts.map(({ name }) => name);
  return report.tasks
    .map((task) => {
      const { start, lead } = standingOf(report, task);
      const place = `${inTitle(taskName(task))}: `;
      if (lead === null) return `${place}not measured`;
      const beside = `${signed(lead.gap)} AUC beside ${inTitle(lead.other, names)}`;
      return start === null
        ? `${place}no start is best beyond noise (${inTitle(lead.first, names)} ${beside})`
        : `${place}${inTitle(start, names)} is the best start (${beside})`;
    })
    .join("; ");
}

/** The gain of its own tower over the tower that it starts from, one panel per task. */
export function launchPaysChart(report: LaunchReport): Chart {
  const panels =
    report.sizes.length < 2
      ? []
      : report.tasks.slice(0, MAX_PANELS).map((task, at) => paysPanel(report, task, at === 0));
  return chart({
    title: paysTitle(report),
    subtitle: sentence([gainsText(report), cut(report)]),
    rows: panelRows(panels, { across: 2, height: HEIGHT, empty: "nothing was trained on the domain's rows" }),
    legendBelow: true,
    sheet: launchPaysSheet(report),
  });
}

interface OwnGain {
  readonly task: DayTask;
  readonly start: string;
  readonly value: number;
  readonly trained: number;
}

/** For each task, after all rows, from the best start. */
function ownGains({ tasks, pays, comparisons }: LaunchReport): OwnGain[] {
  return tasks.flatMap((task) => {
    const than = comparisons.find((each) => each.task.tower === task.tower)?.than;
    const of = pays.filter((each) => each.task.tower === task.tower);
    const best = of.find(({ start }) => start === than) ?? of[0];
    const last = best?.gains.at(-1);
    if (last === undefined || last.gain.value === null) return [];
    return [{ task, start: best!.start, value: last.gain.value, trained: last.trained }];
  });
}

function paysTitle(report: LaunchReport): string {
  const [first] = ownGains(report);
  const domain = inTitle(report.domain);
  if (first === undefined) return `What a tower of ${domain} gains was not measured`;
  return `${capital(domain)}'s own tower: ${signed(first.value)} AUC after ${count(first.trained, "row")}`;
}

function gainsText(report: LaunchReport): string {
  const names = report.starts.map(({ name }) => name);
  return ownGains(report)
    .map(({ task, start, value }) => `${inTitle(taskName(task))} ${signed(value)} AUC over ${inTitle(start, names)}`)
    .join("; ");
}

function paysPanel(report: LaunchReport, task: DayTask, inLegend: boolean): Panel {
  const sizes = report.sizes.slice(1);
  const level = { from: [-0.5, report.matters], to: [sizes.length - 0.5, report.matters] } as const;
  const point = (name: string, size: number): SizePoint | null => {
    const pays = report.pays.find((each) => each.task.tower === task.tower && each.start === name);
    const gain = pays?.gains.find(({ trained }) => trained === size)?.gain;
    if (gain === undefined) return null;
    return { value: gain, hover: markup`${name}, ${count(size, "row")}: ${signed(gain.value, 4)} AUC` };
  };
  return {
    title: panelTitle(report, task),
    marks: [
      rule({ ...level, hover: markup`pays from here: ${signed(report.matters)} AUC` }),
      ...startMarks(report, sizes, point, inLegend),
    ],
    xaxis: sizesAxis(sizes),
    yaxis: yAxis("gain in AUC", { nticks: 4, tickformat: ".3~f" }),
  };
}
