/** The views of an evaluation by a column: values, times or numbers of training rows. */
import type { ApartGroups, Evaluation, MetricName, TaskEvaluation, TaskMetrics } from "../../../core/metrics/types.js";
import type { JsonObject } from "../../../core/util/json.js";
import { mean, sum } from "../../../core/util/numbers.js";
import { count, ends, fixed, percent, snakeCase } from "../../../core/util/text.js";
import { bars } from "../bars.js";
import { chart, type Panel, type PanelRow, panelRows, xAxis, yAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { band, dots, line, rule } from "../lines.js";
import {
  colour,
  family,
  finite,
  firstTasks,
  highest,
  INK,
  inTitle,
  type LegendEntry,
  largestOf,
  type Markup,
  type Member,
  markup,
  PLAIN,
  rounded,
  sentence,
  tidy,
} from "../theme.js";
import {
  ALL_ROWS,
  byTaskAndDomain,
  type Chart,
  type ColumnList,
  col,
  domainNames,
  intervalUnit,
  metricText,
  type PlotlyTrace,
  placeColumns,
  type Sheet,
  sheetFrom,
  taskColumns,
  taskName,
} from "../view.js";
import { aucRow } from "./evaluation.js";

const groupMetrics: readonly MetricName[] = ["auc", "logLoss", "calibration"];

/** Predicted and observed rate of some rows; the predicted one is unknown without positive rows. */
function groupRates(metrics: TaskMetrics | undefined): { predicted: number | null; observed: number | null } {
  if (metrics === undefined || metrics.rows === 0) return { predicted: null, observed: null };
  const observed = metrics.positives / metrics.rows;
  return { observed, predicted: metrics.calibration === null ? null : metrics.calibration * observed };
}

export function groupsSheet(evaluation: Evaluation): Sheet {
  const names = evaluation.groups?.names ?? domainNames(evaluation);
  const domains = evaluation.groups?.domains ?? [ALL_ROWS];
  const rows = evaluation.tasks.flatMap((task, t) =>
    task.domains.map((value, cell) => {
      const domain = domains[Math.floor(cell / Math.max(1, names.length))] ?? ALL_ROWS;
      return { task, t, cell, domain, group: names[cell % names.length]!, value };
    }),
  );
  return sheetFrom(`Metrics by ${groupNoun(evaluation)}`, rows, [
    taskColumns,
    col.text(["domain_name", "domain"], ({ domain }) => domain),
    col.text(["group", evaluation.by ?? "group"], ({ group }) => group),
    col.count("rows", ({ value }) => value.rows),
    col.count("positives", ({ value }) => value.positives),
    ...groupMetrics.flatMap((metric): ColumnList<(typeof rows)[number]> => {
      const [key, name] = [snakeCase(metric), metricText[metric]];
      return [
        col.number([key, name], ({ value }) => value[metric], 4),
        col.ends(({ value }) => value.intervals?.[metric], 4, key),
        col.flag([`${key}_apart`, "beyond noise"], ({ t, cell }) => {
          return evaluation.apart?.[metric]?.[t]?.isApart[cell] ?? false;
        }),
      ];
    }),
    col.share("predicted", ({ value }) => groupRates(value).predicted, 2),
    col.share("observed", ({ value }) => groupRates(value).observed, 2),
  ]);
}

function groupNoun({ groups, by }: Pick<Evaluation, "groups" | "by">): string {
  const column = by ?? "column";
  if (groups?.kind === "times") return `${groups.width ?? "time"} of ${column}`;
  return groups?.kind === "trainingRows" ? `training rows of ${column}` : column;
}

export function drillDownSheet(evaluation: Evaluation): Sheet {
  const by = evaluation.by ?? "domain";
  return sheetFrom(`AUC by ${by}`, byTaskAndDomain<TaskEvaluation, TaskMetrics>(evaluation.tasks), [
    placeColumns(domainNames(evaluation), by),
    col.count("rows", ({ value }) => value.rows),
    col.count("positives", ({ value }) => value.positives),
    col.number(["auc", "AUC"], ({ value }) => value.auc, 4),
    col.ends(({ value }) => value.intervals?.auc, 4),
  ]);
}

type GroupCells = ReturnType<typeof groupCells>;
type GroupCell = GroupCells["cells"][number][number][number];

const NOTHING_APART: ApartGroups = { levels: [], isApart: [] };

/** Cells by task, domain (one without domains), group. `isApart`: beyond noise from the median or 1, corrected. */
function groupCells(evaluation: Evaluation, metric: MetricName) {
  const names = evaluation.groups?.names ?? domainNames(evaluation);
  const domains = evaluation.groups?.domains ?? [];
  const apart = evaluation.tasks.map((_, t) => evaluation.apart?.[metric]?.[t] ?? NOTHING_APART);
  const series = Math.max(1, domains.length);
  return {
    names,
    domains,
    levels: apart.map(({ levels }) => levels),
    cells: evaluation.tasks.map((task, t) =>
      Array.from({ length: series }, (_, d) =>
        names.map((name, g) => {
          const at = d * names.length + g;
          const metrics = task.domains[at]!;
          const { low = null, high = null } = metrics.intervals?.[metric] ?? {};
          const where = [taskName(task), ...(domains.length === 0 ? [] : [domains[d]!]), name].join(", ");
          const hover = cellHover(where, metrics, metric);
          return { metrics, value: finite(metrics[metric]), low, high, isApart: apart[t]!.isApart[at] ?? false, hover };
        }),
      ),
    ),
  };
}

function cellHover(where: string, metrics: TaskMetrics, metric: MetricName): Markup {
  if (metrics.rows === 0) return markup`${where}: no rows`;
  const value = `${metricText[metric]} ${fixed(metrics[metric], 4)}${ends(metrics.intervals?.[metric], (end) => fixed(end, 4))}`;
  const { predicted, observed } = groupRates(metrics);
  const rates = `predicted ${percent(predicted, 2)}, observed ${percent(observed, 2)}`;
  return markup`${where}<br>${value}<br>${rates}<br>${count(metrics.rows, "row")}, ${count(metrics.positives, "positive")}`;
}

function groupRows({ names, cells }: GroupCells, task: number): number[] {
  return names.map((_, g) => sum((cells[task] ?? []).map((series) => series[g]!.metrics.rows)));
}

function groupsTitle(evaluation: Evaluation, auc: GroupCells, calibration: GroupCells, words: GroupWords): string {
  const { tasks, intervalMethod } = evaluation;
  const parts = tasks.map((task, t) => {
    const name = inTitle(taskName(task));
    const levels = auc.levels[t]!.flatMap((level) => level ?? []);
    if (levels.length === 0) return `${name} is not defined`;
    const middle = fixed(mean(levels));
    if (intervalMethod == null) return `${name} ${middle}, no intervals`;
    if (auc.cells[t]!.flat().every(({ low }) => low === null)) return `${name} ${middle}, differences cannot be told`;
    const furthest = furthestCell(auc, t, words);
    return furthest === undefined
      ? `${name} ${middle}, no ${words.noun} beyond noise`
      : `${name} ${fixed(furthest.value)} ${furthest.place} (median ${middle})`;
  });
  const off = tasks.flatMap((task, t) => {
    const furthest = furthestCell(calibration, t, words);
    if (furthest === undefined) return [];
    return [{ ...furthest, text: `${inTitle(task.label)} predicted × ${fixed(furthest.value, 2)} ${furthest.place}` }];
  });
  const rates = highest(off, ({ distance }) => distance)?.text ?? null;
  const [first = "", ...others] = firstTasks(parts);
  return sentence([`AUC of ${first}`, ...others, rates, `by ${groupNoun(evaluation)}`, words.more]);
}

function furthestCell({ cells, names, domains, levels }: GroupCells, task: number, words: GroupWords) {
  const all = cells[task]!.flatMap((series, d) =>
    series.flatMap((cell, g) => {
      const level = levels[task]![d] ?? null;
      if (!cell.isApart || cell.value === null || level === null) return [];
      const domain = domains.length === 0 ? "" : ` in ${inTitle(domains[d]!, domains)}`;
      const place = `${words.place(names[g]!)}${domain}`;
      return [{ distance: Math.abs(cell.value - level), value: cell.value, place }];
    }),
  );
  return highest(all, ({ distance }) => distance);
}

const MAX_VALUES = 24;

/** AUC by value, with intervals. Filled dots are beyond noise from the median (the dotted line), after correction. */
export function drillDownChart(evaluation: Evaluation): Chart {
  const { tasks, apart, intervalMethod } = evaluation;
  const names = domainNames(evaluation);
  // A single value is that of all rows.
  const rowsAt = (d: number): number => tasks[0]?.domains[d]?.rows ?? 0;
  const places = names.length < 2 ? [] : largestOf([...names.keys()], rowsAt, MAX_VALUES);
  const panels = tasks.map((task, t) => {
    const groups = apart?.auc?.[t];
    const values = places.map((d): DotRow => {
      const hollow = groups?.isApart[d] === false;
      return { ...aucRow(task, names[d]!, task.domains[d]), color: PLAIN, hollow };
    });
    return dotRowsPanel({
      title: taskName(task),
      rows: [{ ...aucRow(task, ALL_ROWS, task.overall), color: INK, main: true }, ...values],
      reference: finite(groups?.levels[0] ?? task.overall.auc) ?? undefined,
      axis: xAxis(intervalUnit("AUC", intervalMethod), { tickformat: ".3~f" }),
    });
  });
  return chart({
    title: drillDownTitle(evaluation, names, places.length),
    rows: panelRows(panels, { across: 2, height: dotRowsHeight(places.length + 1), empty: "no tasks" }),
    sheet: drillDownSheet(evaluation),
  });
}

function drillDownTitle({ by, tasks, apart }: Evaluation, names: readonly string[], valueCount: number): string {
  const parts = tasks.flatMap((task, t) => weakest(task, names, apart?.auc?.[t]));
  const what = `AUC by ${inTitle(by ?? "domain")}`;
  if (names.length === 1) {
    const all = tasks.map((task) => `${inTitle(taskName(task))} ${fixed(task.overall.auc)}`);
    return sentence([`${what}: ${all.join(", ")}`, `${inTitle(names[0]!)} is the only value`]);
  }
  const cut = valueCount < names.length ? `the ${MAX_VALUES} of ${count(names.length, "value")} with most rows` : null;
  return sentence([
    parts.length === 0 ? `${what}: not defined for any value` : `${what}: ${firstTasks(parts).join("; ")}`,
    cut,
  ]);
}

function weakest(task: TaskEvaluation, names: readonly string[], apart: ApartGroups | undefined): string[] {
  const values = task.domains.flatMap(({ auc, rows }, d) => {
    const value = finite(auc);
    return value === null ? [] : [{ value, rows, name: inTitle(names[d]!, names), at: d }];
  });
  const worst = highest(values, ({ value }) => -value);
  if (worst === undefined) return [];
  const name = inTitle(taskName(task));
  if (values.length === 1) return [`${name} ${fixed(worst.value)} at ${worst.name}`];
  const level = apart === undefined ? `all rows ${fixed(task.overall.auc)}` : `median ${fixed(apart.levels[0])}`;
  if (apart !== undefined && task.domains.every(({ intervals }) => intervals?.auc?.low === null)) {
    return [`differences in ${name} cannot be told (${level})`];
  }
  // The weakest of noisy values is not known to be weak.
  if (task.domains[worst.at]?.intervals !== undefined && apart?.isApart[worst.at] === false) {
    return [`no value of ${name} apart from others (${level})`];
  }
  return [`${name} weakest at ${worst.name} (${fixed(worst.value)}, ${level}); it has ${count(worst.rows, "row")}`];
}

const DOMAINS_APART = 6;
/** Whiskers of domains are placed side by side if they fit: up to this number of domains and of groups. */
const WHISKERS = { domains: 3, groups: 8 } as const;
const SHIFT = 0.16;
const HEIGHT = 130;
const TICKS = 3;

/** Metrics by times or training rows, panels per task. Filled: beyond noise from the median or 1, corrected. */
export function groupsChart(evaluation: Evaluation): Chart {
  const [auc, logLoss, calibration] = groupMetrics.map((metric) => groupCells(evaluation, metric)) as [
    GroupCells,
    GroupCells,
    GroupCells,
  ];
  const apart = furthestDomains([auc, calibration]);
  const rows = evaluation.tasks.map((task, t): PanelRow => {
    const panels = [
      metricPanel(evaluation, `AUC of ${taskName(task)}`, auc, { task: t, inLegend: t === 0, apart }),
      metricPanel(evaluation, "Log loss", logLoss, { task: t, inLegend: false, apart }),
      auc.domains.length === 0
        ? ratePanel(evaluation, `Rate of ${task.label}`, calibration, t, t === 0)
        : metricPanel(evaluation, "Predicted / observed", calibration, { task: t, inLegend: false, apart }),
    ];
    return { height: HEIGHT, panels };
  });
  const words = groupWords(evaluation, auc);
  const empty = `no row has a ${words.empty}`;
  const isEmpty = rows.length === 0 || auc.names.length === 0;
  return chart({
    title: isEmpty ? `AUC by ${groupNoun(evaluation)}: ${empty}` : groupsTitle(evaluation, auc, calibration, words),
    rows: isEmpty
      ? panelRows([], { across: 1, height: HEIGHT, empty })
      : [...rows, { height: 70, panels: [rowsPanel(evaluation, auc)] }],
    legendBelow: true,
    sheet: groupsSheet(evaluation),
  });
}

type GroupWords = ReturnType<typeof groupWords>;

/** How titles name the groups. `empty`: the missing property of all rows; `more`: a finding on the rows. */
function groupWords({ groups, by }: Evaluation, cells: GroupCells) {
  if (groups?.kind !== "trainingRows") {
    const noun = groups?.width ?? "bucket";
    const place = (name: string): string => `${noun === "day" ? "on" : "in"} ${name}`;
    return { noun, place, empty: "time", more: null };
  }
  const rows = groupRows(cells, 0);
  const all = sum(rows);
  const hasNew = all > 0 && cells.names[0] === "0";
  const more = hasNew ? `${percent(rows[0]! / all)} of the rows have a ${by ?? "value"} that training lacks` : null;
  return { noun: "group", place: (name: string): string => `at ${name} rows`, empty: "value", more };
}

function metricPanel(
  evaluation: Evaluation,
  title: string,
  cells: GroupCells,
  { task, inLegend, apart }: { readonly task: number; readonly inLegend: boolean; readonly apart: readonly number[] },
): Panel {
  const { domains, names } = cells;
  const lines = family(domains, { noun: "domain", apart: DOMAINS_APART });
  const level = domains.length === 0 ? (cells.levels[task]![0] ?? null) : null;
  const whiskers = domains.length <= WHISKERS.domains && names.length <= WHISKERS.groups;
  const isBand = domains.length >= FEWEST_IN_BAND;
  return {
    title,
    marks: [
      ...(level === null ? [] : [rule({ from: [-0.5, rounded(level)], to: [names.length - 0.5, rounded(level)] })]),
      ...(isBand ? domainsBand(cells.cells[task]!, domains.length, inLegend) : []),
      ...cells.cells[task]!.flatMap((series, d) => {
        if (isBand && !apart.includes(d)) return [];
        if (domains.length === 0) return seriesMarks(series, 0, { color: INK, width: 1.5, whiskers: true });
        const shift = whiskers ? (d - (domains.length - 1) / 2) * SHIFT : 0;
        const look = isBand ? namedLook(domains, d, apart.indexOf(d), inLegend) : lines.member(d, inLegend);
        return seriesMarks(series, shift, { ...look, whiskers });
      }),
    ],
    xaxis: groupAxis(evaluation, names),
    yaxis: yAxis("", { nticks: 4, tickformat: ".3~f" }),
    left: 44,
  };
}

/** With this many domains, only the most extreme are lines. */
const FEWEST_IN_BAND = 12;
const MOST_NAMED = 3;

/** The domains with a group furthest beyond noise in a metric of a task: the same lines in all panels. */
function furthestDomains(metrics: readonly GroupCells[]): number[] {
  const furthest = metrics.flatMap(({ cells, levels }) =>
    cells.flatMap((series, task) => {
      const distances = series.map((groups, d) => {
        const level = levels[task]![d] ?? null;
        return Math.max(
          0,
          ...groups.map(({ isApart, value }) =>
            isApart && value !== null && level !== null ? Math.abs(value - level) : 0,
          ),
        );
      });
      const most = Math.max(0, ...distances);
      return most === 0 ? [] : [distances.indexOf(most)];
    }),
  );
  return [...new Set(furthest)].slice(0, MOST_NAMED);
}

/** The band from the lowest to the highest of all domains. */
function domainsBand(series: readonly (readonly GroupCell[])[], domains: number, inLegend: boolean): PlotlyTrace[] {
  const x = [...(series[0] ?? []).keys()];
  const ends = [Math.min, Math.max].map((choose) =>
    x.map((group) => {
      const values = series.flatMap((cells) => finite(cells[group]?.value) ?? []);
      return values.length === 0 ? null : rounded(choose(...values));
    }),
  );
  const name = `range of ${count(domains, "domain")}`;
  return band({ x, low: ends[0]!, high: ends[1]!, legend: { name, group: "domains", inLegend }, hover: "none" });
}

function namedLook(domains: readonly string[], domain: number, rank: number, inLegend: boolean): Member {
  const name = inTitle(domains[domain]!, domains);
  return { color: colour(rank, MOST_NAMED), width: 1.75, legend: { name, group: `domain ${domain}`, inLegend } };
}

type SeriesLook = Omit<Member, "legend"> & Partial<Member> & { readonly whiskers: boolean };

/** A line, and dots: of all groups with intervals, or of those that are apart. */
function seriesMarks(series: readonly GroupCell[], shift: number, look: SeriesLook): PlotlyTrace[] {
  const { color, width, legend, whiskers } = look;
  const cells = series.map((cell, place) => ({ ...cell, x: rounded(place + shift), y: tidy(cell.value) }));
  const [x, y] = [cells.map((cell) => cell.x), cells.map((cell) => cell.y)];
  const hidden = legend && { ...legend, inLegend: false };
  return [
    line({ x, y, color, width: whiskers ? 1 : width, legend, hover: series.map(({ hover }) => hover) }),
    groupDots(whiskers ? cells : cells.filter(({ isApart }) => isApart), color, hidden, whiskers),
  ];
}

type PlacedCell = Omit<GroupCell, "value"> & { readonly x: number; readonly y: number | null };

/** Filled if a group is apart. */
function groupDots(cells: readonly PlacedCell[], color: string, legend: LegendEntry | undefined, whiskers = true) {
  const pick = <Value>(value: (cell: PlacedCell) => Value): Value[] => cells.map(value);
  const ends = { low: pick(({ low }) => low), high: pick(({ high }) => high), color, thickness: 1 };
  return dots({
    x: pick(({ x }) => x),
    y: pick(({ y }) => y),
    color,
    size: 6,
    symbol: pick(({ isApart }) => (isApart ? "circle" : "circle-open")),
    outline: { color, width: 1.5 },
    whiskersY: whiskers ? ends : undefined,
    legend,
    hover: pick(({ hover }) => hover),
  });
}

/** Observed rates with intervals, and predicted ones: apart if the interval excludes the prediction. */
function ratePanel(evaluation: Evaluation, title: string, cells: GroupCells, task: number, inLegend: boolean): Panel {
  const series = (cells.cells[task]![0] ?? []).map((cell, x) => {
    const { predicted, observed } = groupRates(cell.metrics);
    // The interval of predicted / observed, as one of the observed rate.
    const end = (bound: number | null): number | null =>
      predicted === null || bound === null || bound <= 0 ? null : predicted / bound;
    return { ...cell, x, y: tidy(observed), predicted: tidy(predicted), low: end(cell.high), high: end(cell.low) };
  });
  const [x, y] = [series.map((cell) => cell.x), series.map(({ predicted }) => predicted)];
  const look = { color: colour(0, 2), width: 2, legend: { name: "predicted", inLegend } };
  return {
    title,
    marks: [
      line({ x, y, ...look, hover: series.map(({ hover }) => hover) }),
      groupDots(series, INK, { name: "observed", inLegend }),
    ],
    xaxis: groupAxis(evaluation, cells.names),
    yaxis: yAxis("", { nticks: 4, tickformat: ".3~p" }),
    left: 44,
  };
}

function rowsPanel(evaluation: Evaluation, cells: GroupCells): Panel {
  const { names } = cells;
  const [task] = evaluation.tasks;
  const unit = evaluation.intervalMethod == null ? "" : intervalUnit("; intervals", evaluation.intervalMethod);
  const rows = groupRows(cells, 0);
  return {
    title: `Rows of ${task === undefined ? "the task" : taskName(task)}${unit}`,
    marks: [
      bars({
        at: [...names.keys()],
        values: rows,
        color: PLAIN,
        width: 0.8,
        hover: names.map((name, g) => markup`${name}: ${count(rows[g]!, "row")}`),
      }),
    ],
    xaxis: groupAxis(evaluation, names, 6),
    yaxis: yAxis("", { nticks: 3, tickformat: ".3~s", rangemode: "tozero" }),
    left: 44,
  };
}

/** Groups at 0, 1, 2, … with a few of their names. */
function groupAxis(evaluation: Evaluation, names: readonly string[], ticks = TICKS): JsonObject {
  const step = Math.max(1, Math.ceil(names.length / ticks));
  const places = [...names.keys()].filter((place) => place % step === 0);
  const isDated = ["day", "week", "hour"].includes(evaluation.groups?.width ?? "");
  return xAxis(groupNoun(evaluation), {
    tickvals: places,
    ticktext: places.map((place) => (isDated ? names[place]!.slice(5) : names[place]!)),
    range: [-0.6, Math.max(1, names.length) - 0.4],
    showgrid: false,
  });
}
