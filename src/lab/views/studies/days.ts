/** The views of a day-by-day training: metrics by day, differences of variants, ageing, and the days of the log. */

import type { Interval } from "../../../core/metrics/intervals/bootstrap.js";
import type { JsonObject } from "../../../core/util/json.js";
import { count, ends, fixed, percent, signed } from "../../../core/util/text.js";
import type { DayAgeing, DayCell, DayReport, DayTask } from "../../days/facts.js";
import { chart, type Panel, type PanelRow, panelRows, xAxis, yAxis } from "../compose.js";
import { type DotRow, domainRowCount, domainRows, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { line, rule } from "../lines.js";
import {
  BETTER,
  family,
  finite,
  firstTasks,
  highest,
  INK,
  inTitle,
  type Markup,
  markup,
  sentence,
  tidy,
  WORSE,
} from "../theme.js";
import {
  ALL_ROWS,
  type Chart,
  capital,
  col,
  independentUnits,
  measuredColumns,
  metricText,
  placeColumns,
  type Sheet,
  sheetFrom,
  taskName,
} from "../view.js";

const MAX_TASKS = 6;
const HEIGHT = 170;

export function daysSheet(report: DayReport): Sheet {
  const caption = `Each ${report.unit} by models trained up to the one before; 95% intervals over its rows (${independentUnits(report.user)})`;
  return sheetFrom(caption, report.cells, [
    placeColumns(report.domainNames),
    col.text([report.unit === "day" ? "day" : "period", report.unit], ({ day }) => report.days[day]!.name),
    col.text("variant", ({ variant }) => variant),
    measuredColumns,
  ]);
}

/** What the intervals over days generalise over. */
function overDays({ user, item, unit }: DayReport): string {
  const items = item === null ? "" : `, items by ${inTitle(item)}`;
  return `95% intervals over other ${unit}s and rows (${independentUnits(user)}${items}), one seed, that hold together in all tasks and domains`;
}

export function dayVariantsSheet(report: DayReport): Sheet {
  const caption = `The mean over ${report.unit}s of the metric of a variant minus that of another; ${overDays(report)}`;
  return sheetFrom(caption, report.comparisons, [
    placeColumns(report.domainNames),
    col.text("metric", ({ metric }) => metricText[metric]),
    col.text("variant", ({ variant }) => variant),
    col.text(["than", "minus"], ({ than }) => than),
    col.count([`${report.unit}s`, `${report.unit}s`], ({ days }) => days),
    col.number("difference", ({ value }) => value, 4),
    col.ends((comparison) => comparison, 4),
    col.text(["verdict", null], ({ verdict }) => verdict),
    col.text("says", ({ says }) => says),
  ]);
}

export function ageingSheet(report: DayReport): Sheet {
  const of = report.aged === null ? "" : ` of ${report.aged}`;
  const caption = `What models${of} lose with age, on the same rows as models that are not old; ${overDays(report)}`;
  const halfLife = ({ task, domain, metric }: DayAgeing): Interval | null =>
    metric === "auc"
      ? (report.halfLives.find((each) => each.task.tower === task.tower && each.domain === domain) ?? null)
      : null;
  return sheetFrom(caption, report.ageing, [
    placeColumns(report.domainNames),
    col.text("metric", ({ metric }) => metricText[metric]),
    col.count("age", ({ age }) => age),
    col.count([`${report.unit}s`, `${report.unit}s`], ({ days }) => days),
    col.number("loss", ({ loss }) => loss.value, 4),
    col.ends(({ loss }) => loss, 4),
    col.number(["half_life", "half-life"], (cell) => halfLife(cell)?.value, 1),
    col.ends(halfLife, 1, "half_life", (end) => `${end} of half-life`),
  ]);
}

export function logDaysSheet(report: DayReport): Sheet {
  const features = Object.keys(report.days[0]?.newIds ?? {});
  return sheetFrom(`Rows, and the share of ids that no earlier ${report.unit} had`, report.days, [
    col.text(report.unit, ({ name }) => name),
    col.count("rows", ({ rows }) => rows),
    col.flag(["is_measured", "measured"], ({ isMeasured }) => isMeasured),
    ...features.map((feature) =>
      col.share<DayReport["days"][number]>([`new_${feature}`, `new ${feature}`], ({ newIds }) => newIds[feature]),
    ),
  ]);
}

export function dayTrainingsSheet(report: DayReport): Sheet {
  const name = (day: number): string => report.days[day]!.name;
  return sheetFrom("Trainings", report.trainings, [
    col.text("training", (training) => training.name),
    col.text("variant", ({ variant }) => variant),
    col.text(["from", "from"], ({ from }) => name(from)),
    col.text(["to", "to"], ({ to }) => name(to)),
    col.count("rows", ({ rows }) => rows),
    col.count("steps", ({ steps }) => steps),
  ]);
}

function isAt(task: DayTask, domain: number): (cell: { readonly task: DayTask; readonly domain: number }) => boolean {
  return (cell) => cell.task.tower === task.tower && cell.domain === domain;
}

/** Panels of all rows, one per task, then of its domains; if there are many, those with the largest and smallest values. */
function taskRows(
  { tasks, domainNames }: DayReport,
  empty: string,
  overall: (task: DayTask, index: number) => Panel,
  byDomain: (task: DayTask) => Panel | null,
): PanelRow[] {
  const first = tasks.slice(0, MAX_TASKS);
  const domains = domainNames.length < 2 ? [] : first.flatMap((task) => byDomain(task) ?? []);
  const height = dotRowsHeight(1 + domainRowCount(domainNames.length));
  return [
    ...panelRows(first.map(overall), { across: 2, height: HEIGHT, empty }),
    ...(domains.length === 0 ? [] : panelRows(domains, { across: 2, height, empty })),
  ];
}

function cutText({ tasks }: DayReport): string | null {
  return tasks.length > MAX_TASKS ? `the first ${MAX_TASKS} of ${count(tasks.length, "task")}` : null;
}

/** `ctr: all rows`, or without its task if there is one. */
function panelName({ tasks }: DayReport, task: DayTask, what: string): string {
  return tasks.length === 1 ? what : `${taskName(task)}: ${what}`;
}

interface DomainValue extends Interval {
  readonly domain: number;
  /** Its sign if it is beyond noise. */
  readonly isBeyond: "better" | "worse" | null;
  readonly says: Markup;
}

/** One dot per domain with its interval, below that of all rows. */
function domainPanel(
  { domainNames }: DayReport,
  title: string,
  values: readonly DomainValue[],
  axis: JsonObject,
): Panel {
  const dot = ({ domain, value, low, high, isBeyond, says }: DomainValue): DotRow => {
    const name = domain < 0 ? ALL_ROWS : domainNames[domain]!;
    const color = isBeyond === null ? INK : isBeyond === "better" ? BETTER : WORSE;
    const printed = signed(value);
    const hover = markup`${name}<br>${signed(value, 4)}${ends({ low, high }, (end) => signed(end, 4))}: ${says}`;
    return { name, value, low, high, color, main: domain < 0, hollow: isBeyond === null, printed, hover };
  };
  const [all, domains] = [values.filter(({ domain }) => domain < 0), values.filter(({ domain }) => domain >= 0)];
  return dotRowsPanel({
    title,
    rows: [...all.map(dot), ...domainRows(domains.map(dot), ({ value }) => value)],
    reference: 0,
    axis,
  });
}

/** AUC by day, a line per variant, with intervals; a gap is a day without an AUC. Followed by the gain of continuing by domain. */
export function daysChart(report: DayReport): Chart {
  const variants = family(
    report.variants.map(({ name }) => name),
    { noun: "variant" },
  );
  return chart({
    title: sentence([daysTitle(report), cutText(report)]),
    rows: taskRows(
      report,
      "no task to measure",
      (task, at) => daysPanel(report, task, variants, at === 0),
      (task) => gainsPanel(report, task),
    ),
    legendBelow: true,
    sheet: daysSheet(report),
  });
}

/** The comparison of a task that its title has, by domain. */
function gainsPanel(report: DayReport, task: DayTask): Panel | null {
  const main = mainComparison(report, task);
  if (main === undefined) return null;
  const { variant, than, metric } = main;
  const of = report.comparisons.filter(
    (each) =>
      each.task.tower === task.tower && each.variant === variant && each.than === than && each.metric === metric,
  );
  const values = of.map(({ domain, verdict, says, value, low, high }): DomainValue => {
    return {
      domain,
      value,
      low,
      high,
      isBeyond: verdict === "better" || verdict === "worse" ? verdict : null,
      says: markup`${says}`,
    };
  });
  const title = panelName(report, task, `${variant} less ${than}`);
  return domainPanel(report, title, values, xAxis("Δ AUC (95%)", { tickformat: ".3~f" }));
}

/** Continuing compared with training afresh, or else with the first model. */
function mainComparison({ comparisons }: DayReport, task: DayTask): DayReport["comparisons"][number] | undefined {
  const of = comparisons.filter((each) => isAt(task, -1)(each) && each.variant === "warm" && each.metric === "auc");
  return of.find(({ than }) => than !== "frozen") ?? of[0];
}

function daysPanel(report: DayReport, task: DayTask, variants: ReturnType<typeof family>, inLegend: boolean): Panel {
  const cells = report.cells.filter(isAt(task, -1));
  const measured = [...report.days.keys()].filter((day) => report.days[day]!.isMeasured);
  const shift = 0.5 / Math.max(1, report.variants.length);
  return {
    title: panelName(report, task, ALL_ROWS),
    marks: report.variants.map(({ name }, v) => {
      const values = measured.map((day) => cells.find((cell) => cell.day === day && cell.variant === name));
      const { color, width, legend } = variants.member(v, inLegend);
      return line({
        x: measured.map((day) => day + (v - (report.variants.length - 1) / 2) * shift),
        y: values.map((cell) => tidy(cell?.auc.value)),
        color,
        width,
        dots: 5,
        whiskers: {
          low: values.map((cell) => cell?.auc.low ?? null),
          high: values.map((cell) => cell?.auc.high ?? null),
          color,
          thickness: 1,
        },
        legend,
        hover: values.map((cell, at) => dayHover(report, name, measured[at]!, cell)),
      });
    }),
    xaxis: dayAxis(report, measured),
    yaxis: yAxis("AUC", { nticks: 4, tickformat: ".3~f" }),
  };
}

function dayHover(report: DayReport, variant: string, day: number, cell: DayCell | undefined) {
  const { name } = report.days[day]!;
  if (cell === undefined) return markup`${variant}, ${name}: not measured`;
  const auc = `AUC ${fixed(cell.auc.value, 4)}${ends(cell.auc, (end) => fixed(end, 4))}`;
  const note = cell.note === null ? "" : `: ${cell.note}`;
  return markup`${variant}, ${name}<br>${auc}<br>${count(cell.rows, "row")}, ${count(cell.positives, "positive")}${note}`;
}

const TICKS = 4;

function dayAxis({ days, unit }: DayReport, measured: readonly number[]) {
  const step = Math.max(1, Math.ceil(measured.length / TICKS));
  const places = measured.filter((_, at) => at % step === 0);
  return xAxis(unit, {
    tickvals: places,
    ticktext: places.map((day) => days[day]!.name.slice(5)),
    range: [(measured[0] ?? 0) - 0.6, (measured.at(-1) ?? 1) + 0.6],
    showgrid: false,
  });
}

function daysTitle(report: DayReport): string {
  const { tasks, domainNames } = report;
  const parts = tasks.map((task) => {
    const name = inTitle(taskName(task), domainNames);
    const main = mainComparison(report, task);
    if (main === undefined) return `${name}: going on was not measured`;
    const by = main.value === null ? "" : `: ${name} ${signed(main.value)} AUC`;
    return `${verdictText(main)}${by}`;
  });
  return capital(sentence([...firstTasks(parts), `AUC on the next ${report.unit}`]));
}

function verdictText({ verdict, than }: DayReport["comparisons"][number]): string {
  const other = than === "frozen" ? "the first model" : than;
  if (verdict === "undefined") return `going on was not measured beside ${other}`;
  if (verdict === "undecided") return `going on is not known to differ from ${other}`;
  return `going on is ${verdict === "as good" ? `as good as ${other}` : `${verdict} than ${other}`}`;
}

/** The loss of AUC by age with its interval, one panel per task; then that of the oldest by domain. */
export function ageingChart(report: DayReport): Chart {
  const measured = report.ageing.length === 0 ? { ...report, tasks: [] } : report;
  return chart({
    title: sentence([ageingTitle(report), cutText(report)]),
    rows: taskRows(
      measured,
      "no older models were measured",
      (task) => ageingPanel(report, task),
      (task) => oldestPanel(report, task),
    ),
    sheet: ageingSheet(report),
  });
}

function oldestPanel(report: DayReport, task: DayTask): Panel {
  const oldest = Math.max(...report.ageing.map(({ age }) => age));
  const of = report.ageing.filter(
    ({ task: { tower }, metric, age }) => tower === task.tower && metric === "auc" && age === oldest,
  );
  const values = of.map(({ domain, days, loss }): DomainValue => {
    const isBeyond = (loss.low ?? 0) > 0 ? "worse" : (loss.high ?? 0) < 0 ? "better" : null;
    return { domain, ...loss, isBeyond, says: markup`in ${count(days, report.unit)}` };
  });
  const title = panelName(report, task, `${count(oldest, report.unit)} old`);
  return domainPanel(report, title, values, xAxis("loss of AUC (95%)", { tickformat: ".3~f" }));
}

function ageingPanel(report: DayReport, task: DayTask): Panel {
  const losses = report.ageing.filter((each) => isAt(task, -1)(each) && each.metric === "auc");
  const ages = losses.map(({ age }) => age);
  const oldest = Math.max(1, ...ages);
  return {
    title: panelName(report, task, ALL_ROWS),
    marks: [
      rule({ from: [0.5, 0], to: [oldest + 0.5, 0] }),
      line({
        x: ages,
        y: losses.map(({ loss }) => tidy(loss.value)),
        color: INK,
        width: 1.75,
        dots: 6,
        whiskers: {
          low: losses.map(({ loss }) => loss.low),
          high: losses.map(({ loss }) => loss.high),
          color: INK,
          thickness: 1,
        },
        hover: losses.map(({ age, days, loss }) => {
          const text = `loses ${fixed(loss.value, 4)}${ends(loss, (end) => fixed(end, 4))}`;
          return markup`${count(age, report.unit)} old: ${text} AUC<br>in ${count(days, report.unit)}`;
        }),
      }),
    ],
    xaxis: xAxis(`age in ${report.unit}s`, { range: [0.5, oldest + 0.5], dtick: 1, showgrid: false }),
    yaxis: yAxis("loss of AUC", { nticks: 4, tickformat: ".3~f" }),
  };
}

function ageingTitle({ ageing, unit, domainNames, tasks }: DayReport): string {
  if (ageing.length === 0) return "Ageing: not measured";
  const oldest = Math.max(...ageing.map(({ age }) => age));
  const cells = ageing.filter(
    ({ age, metric, loss }) => age === oldest && metric === "auc" && finite(loss.value) !== null,
  );
  const clear = cells.filter(({ loss }) => (loss.low ?? 0) > 0);
  const old = `${count(oldest, unit)} old`;
  if (clear.length === 0) return `Ageing: a model that is ${old} is not beyond noise of a fresh one`;
  const most = clear.find(({ domain }) => domain < 0) ?? highest(clear, ({ loss }) => loss.value!);
  const place = most!.domain < 0 ? "" : ` in ${inTitle(domainNames[most!.domain]!, domainNames)}`;
  const task = tasks.length === 1 ? "" : ` of ${inTitle(most!.task.tower)}`;
  const share =
    clear.length === cells.length ? null : `${percent(clear.length / cells.length)} of the cells beyond noise`;
  return sentence([`Ageing: a model that is ${old} loses ${fixed(most!.loss.value)} AUC${task}${place}`, share]);
}
