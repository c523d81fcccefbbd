/** The views of calibration curves and of a recalibration. */
import type {
  CalibrationBin,
  CalibrationCurve,
  CalibrationReport,
  TaskCalibration,
} from "../../../core/metrics/calibration-curve.js";
import type { RecalibratedRows, RecalibratedTask, Recalibration } from "../../../core/train/recalibrate.js";
import { weightedMean } from "../../../core/util/numbers.js";
import { count, ends, fixed, percent } from "../../../core/util/text.js";
import { chart, type Panel, type PanelRow, panelRows, xAxis, yAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { type LineOptions, line, rule } from "../lines.js";
import type { Whiskers } from "../mark.js";
import {
  type Family,
  family,
  firstTasks,
  GRID,
  INK,
  inTitle,
  largestOf,
  markup,
  PLAIN,
  rounded,
  sentence,
} from "../theme.js";
import {
  ALL_ROWS,
  byTaskAndDomain,
  type Chart,
  col,
  domainColumns,
  drawnDomains,
  independentUnits,
  namesByDomain,
  type PlotlyTrace,
  placeColumns,
  type Sheet,
  sheetFrom,
  taskColumns,
  taskName,
} from "../view.js";

export function calibrationSheet({ tasks, level, domainNames, user }: CalibrationReport): Sheet {
  const caption = `Predicted and observed rates by bin, with ${percent(level)} Wilson intervals (${independentUnits(user)}); ratios of all rows of the line, with intervals that hold at once`;
  const rows = byTaskAndDomain<TaskCalibration, CalibrationCurve>(tasks).flatMap(({ value, ...cell }) =>
    value.bins.map((bin, place) => ({ ...cell, place, ratio: value.ratio, bin })),
  );
  return sheetFrom(caption, rows, [
    placeColumns(namesByDomain(domainNames, tasks)),
    col.number("ratio", ({ ratio }) => ratio?.value, 3),
    col.ends(
      ({ ratio }) => ratio,
      3,
      "ratio",
      (end) => `ratio ${end}`,
    ),
    col.count(["bin", null], ({ place }) => place),
    col.count("rows", ({ bin }) => bin.rows),
    (["from", "to", "predicted", "observed", "low", "high"] as const).map((key) =>
      col.number(key, ({ bin }) => bin[key], 4),
    ),
  ]);
}

const DOMAINS_APART = 6;
const MAX_RATIOS = 12;
/** If there are many domains, those that are off most have separate curves. */
const MAX_CURVES = 3;
const HEIGHT = 230;
const SMALL_HEIGHT = 130;

export function reliabilityChart(report: CalibrationReport): Chart {
  const names = drawnDomains(report.domainNames, report.tasks);
  const domains = family(names, { noun: "domain", apart: DOMAINS_APART, width: 1.5 });
  const curves = report.tasks.map((task, t) => curvesPanel(task, names, domains, names.length > 0 || t % 2 === 0));
  const height = Math.max(HEIGHT, dotRowsHeight(1 + Math.min(MAX_RATIOS, names.length)));
  const rows = report.tasks.flatMap((task, t): PanelRow[] => {
    const panels = [curves[t]!, ratiosPanel(report, task, names, domains)];
    const single = domains.few ? [] : smallPanels(task, names);
    const below = { height: SMALL_HEIGHT, panels: single, widths: Array<number>(MAX_CURVES).fill(1) };
    return [{ height, panels, widths: [1, 1] }, ...(single.length === 0 ? [] : [below])];
  });
  const isPlain = names.length === 0 || rows.length === 0;
  return chart({
    title: reliabilityTitle(report, names),
    rows: isPlain ? panelRows(curves, { across: 2, height: HEIGHT, empty: "no binary task" }) : rows,
    legendBelow: true,
    sheet: calibrationSheet(report),
  });
}

const ALL_LOOK = { color: INK, width: 2.5, dots: 6 } as const;

/** All rows, and the domains if they are few. */
function curvesPanel(task: TaskCalibration, names: readonly string[], domains: Family, isLeft: boolean): Panel {
  const curves = (domains.few ? names : []).map((name, d) => {
    const { color, width } = domains.member(d);
    const curve = task.domains[d] ?? NO_CURVE;
    return reliabilityLine(task, name, curve, { color, width, dots: 5, whiskers: whiskers(curve, color) });
  });
  const { rates, diagonal } = rateAxes([task.overall, ...(domains.few ? task.domains : [])]);
  const place = domains.few ? taskName(task) : `${taskName(task)}, ${ALL_ROWS}`;
  return {
    title: task.overall.gap === null ? place : `${taskName(task)}: ${task.overall.gap}`,
    marks: [
      diagonal,
      ...curves,
      reliabilityLine(task, ALL_ROWS, task.overall, { ...ALL_LOOK, whiskers: whiskers(task.overall, INK) }),
    ],
    xaxis: xAxis("predicted rate", { ...rates, nticks: 5 }),
    yaxis: yAxis(isLeft ? "observed rate" : "", { ...rates, nticks: 6 }),
  };
}

/** The curves of the domains that are off most beyond noise, each beside that of all rows. */
function smallPanels(task: TaskCalibration, names: readonly string[]): Panel[] {
  const off = [...names.keys()].filter((d) => task.domains[d]?.ratio?.isBeyondNoise === true);
  return largestOf(off, (d) => offBy(task, d), MAX_CURVES).map((d, at): Panel => {
    const curve = task.domains[d]!;
    const { rates, diagonal } = rateAxes([task.overall, curve]);
    const look = { color: PLAIN, width: 1.5, dots: 5, whiskers: whiskers(curve, PLAIN) };
    return {
      title: `${names[d]!}: × ${fixed(curve.ratio?.value, 2)}`,
      marks: [
        diagonal,
        reliabilityLine(task, ALL_ROWS, task.overall, { color: INK, width: 1 }),
        reliabilityLine(task, names[d]!, curve, look),
      ],
      xaxis: xAxis("predicted rate", { ...rates, nticks: 4 }),
      yaxis: yAxis(at === 0 ? "observed rate" : "", { ...rates, nticks: 4 }),
    };
  });
}

function rateAxes(curves: readonly CalibrationCurve[]) {
  const top = Math.max(0.01, ...curves.flatMap(({ bins }) => bins.map(reach)));
  const end = rounded(Math.min(1, top * 1.06));
  const diagonal = rule({ from: [0, 0], to: [end, end], color: GRID, width: 2, dash: "solid" });
  return { rates: { range: [0, end], tickformat: ".2~p" }, diagonal };
}

/** How far a domain's ratio is from 1; ratios beyond noise rank before those within. */
function offBy({ domains }: TaskCalibration, domain: number): number {
  const { value = null, isBeyondNoise = false } = domains[domain]?.ratio ?? {};
  return Math.abs(Math.log(value || 1)) + (isBeyondNoise ? 10 : 0);
}

const NO_CURVE: CalibrationCurve = { rows: 0, bins: [], gap: "no rows" };

function ratiosPanel(
  { level, user }: CalibrationReport,
  task: TaskCalibration,
  names: readonly string[],
  domains: Family,
): Panel {
  const away = (d: number): number => offBy(task, d);
  const value = (d: number): number => task.domains[d]?.ratio?.value ?? -1;
  const sorted = [...largestOf([...names.keys()], away, MAX_RATIOS)].sort((a, b) => value(b) - value(a));
  const cut = sorted.length < names.length ? `, ${sorted.length} of ${count(names.length, "domain")}` : "";
  return dotRowsPanel({
    title: `Predicted / observed${cut}`,
    rows: [
      ratioRow(task, ALL_ROWS, task.overall, INK),
      ...sorted.map((d) => ratioRow(task, names[d]!, task.domains[d] ?? NO_CURVE, domains.member(d).color)),
    ],
    reference: 1,
    axis: xAxis(`ratio (${percent(level)} at once, ${user === null ? "rows" : "users"})`, {
      tickformat: ".3~f",
    }),
  });
}

export function recalibrationSheet({ by, user, domainNames, tasks, before, after }: Recalibration): Sheet {
  const caption = `logit → slope · logit + shift, by task${by === "domain" ? " and domain" : ""}; ratios and changes of log loss are on rows that a line was not fitted to (${independentUnits(user)}), with intervals that hold at once in 95% of recalibrations`;
  const ratio = ({ tasks: measured }: CalibrationReport, { tower }: RecalibratedTask, domain: number) => {
    const task = measured.find((each) => each.tower === tower);
    return (domain < 0 ? task?.overall : task?.domains[domain])?.ratio?.value;
  };
  return sheetFrom(caption, byTaskAndDomain<RecalibratedTask, RecalibratedRows>(tasks), [
    taskColumns,
    domainColumns(domainNames),
    col.count("rows", ({ value }) => value.rows),
    col.number("slope", ({ value }) => value.line?.slope, 3),
    col.number("shift", ({ value }) => value.line?.shift, 3),
    col.number(["ratio_before", "ratio before"], ({ task, domain }) => ratio(before, task, domain), 3),
    col.number(["ratio_after", "ratio after"], ({ task, domain }) => ratio(after, task, domain), 3),
    col.number(["delta_log_loss", "Δ log loss"], ({ value }) => value.logLoss.value, 5),
    col.ends(({ value }) => value.logLoss, 5),
    col.text("says", ({ value: { logLoss } }) => {
      const { value, low, high } = logLoss;
      if (value === null || low === null || high === null) return "cannot be told with these rows";
      // A line of fewer rows than the run has is not shown to be worse: the run's own line is of all rows.
      return high < 0 ? "better" : `cannot be told: these rows show gains of ${(value - low).toPrecision(2)} or more`;
    }),
  ]);
}

function ratioRow(task: TaskCalibration, name: string, { ratio, gap, rows }: CalibrationCurve, color: string): DotRow {
  const { value = null, low = null, high = null, isBeyondNoise = false } = ratio ?? {};
  const tested = isBeyondNoise ? "beyond noise" : "not beyond noise";
  const verdict = ratio !== undefined && low === null ? "too few users to tell" : tested;
  const text =
    value === null
      ? (gap ?? "no positive rows")
      : `${fixed(value)}${ends({ low, high })} × the observed rate: ${verdict}, ${count(rows, "row")}`;
  const main = name === ALL_ROWS && color === INK;
  const hover = markup`${taskName(task)}, ${name}<br>${text}`;
  return { name, value, low, high, color, main, hollow: !isBeyondNoise, printed: fixed(value, 2), hover };
}

/** The range of the axes: long intervals may be cut off, bins are always visible. */
function reach({ predicted, observed, high }: CalibrationBin): number {
  return Math.max(predicted, Math.min(high, observed * 1.5), observed);
}

function reliabilityLine(
  task: TaskCalibration,
  rows: string,
  { bins }: CalibrationCurve,
  look: Omit<LineOptions, "x" | "y" | "hover">,
): PlotlyTrace {
  return line({
    x: bins.map(({ predicted }) => rounded(predicted)),
    y: bins.map(({ observed }) => rounded(observed)),
    ...look,
    hover: {
      template: markup`${taskName(task)}, ${rows}<br>%{customdata}`,
      each: bins.map((bin) => {
        const interval = `${percent(bin.low)} to ${percent(bin.high)}`;
        return markup`predicted ${percent(bin.predicted)}, observed ${percent(bin.observed)} (${interval}), ${count(bin.rows, "row")}`;
      }),
    },
  });
}

function whiskers({ bins }: CalibrationCurve, color: string): Whiskers {
  const [low, high] = [bins.map((bin) => bin.low), bins.map((bin) => bin.high)];
  return { low, high, color, thickness: 1 };
}

function reliabilityTitle({ tasks, user }: CalibrationReport, names: readonly string[]): string {
  const parts = tasks.map((task) => {
    const { bins, gap, ratio } = task.overall;
    if (bins.length === 0) return `${inTitle(taskName(task))} has no curve (${gap ?? "no rows"})`;
    const rate = (of: (bin: CalibrationBin) => number): string =>
      percent(
        weightedMean(bins, ({ rows }) => rows, of),
        1,
      );
    const [predicted, observed] = [rate((bin) => bin.predicted), rate((bin) => bin.observed)];
    const overall = `× ${fixed(ratio?.value, 2)}${ends(ratio, (end) => fixed(end, 2))}`;
    const rates = `${predicted} against ${observed}${offDomains(task, names)}`;
    return `${inTitle(taskName(task))} predicts ${overall} of what was observed; ${rates}`;
  });
  return parts.length === 0 ? "Reliability: no binary task" : sentence([...firstTasks(parts), independentUnits(user)]);
}

/** `, but 0.79 in live and 1.09 in search`: over all rows, domains above and below their rates cancel. */
function offDomains({ domains }: TaskCalibration, names: readonly string[]): string {
  if (names.length === 0) return "";
  const off = names
    .flatMap((name, d) => {
      const { value = null, isBeyondNoise = false } = domains[d]?.ratio ?? {};
      return value === null || !isBeyondNoise ? [] : [{ name, value }];
    })
    .sort((a, b) => Math.abs(Math.log(b.value)) - Math.abs(Math.log(a.value)));
  if (domains.every(({ ratio }) => ratio === undefined || ratio.low === null)) return ", domains cannot be told";
  if (off.length === 0) return ", no domain off beyond noise";
  const [first, second] = off.map(({ name, value }) => `${fixed(value, 2)} in ${inTitle(name, names)}`);
  const more = off.length > 2 ? `, ${off.length} of ${count(names.length, "domain")} off beyond noise` : "";
  return `, ${first!}${second === undefined ? "" : ` and ${second}`}${more}`;
}
