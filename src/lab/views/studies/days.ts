/** The views of a day-by-day training: metrics by day, differences of variants, ageing, and the days of the log. */

import type { Interval } from "../../../core/metrics/intervals/bootstrap.js";
import { count, ends, fixed, percent, signed } from "../../../core/util/text.js";
import type { DayAgeing, DayCell, DayReport, DayTask } from "../../days/facts.js";
import { chart, type Panel, panelRows, xAxis, yAxis } from "../compose.js";
import { line, rule } from "../lines.js";
import { family, finite, firstTasks, highest, INK, inTitle, markup, sentence, shortenAll, tidy } from "../theme.js";
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

const MAX_PANELS = 12;
const HEIGHT = 150;

export function daysSheet(report: DayReport): Sheet {
  const caption = `Each ${report.unit} by models trained up to the one before; 95% intervals over its rows (${independentUnits(report.user)})`;
  return sheetFrom(caption, report.cells, [
    placeColumns(report.domainNames),
    col.text([report.unit === "day" ? "day" : "period", report.unit], ({ day }) => report.days[day]!.name),
    col.text("variant", ({ variant }) => variant),
    measuredColumns,
  ]);
}

/** What the intervals over days hold over. */
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

interface Place {
  readonly task: DayTask;
  readonly domain: number;
}

/** All rows first, then domains if there are two or more. */
function placesOf({ tasks, domainNames }: DayReport): Place[] {
  const domains = domainNames.length < 2 ? [-1] : [-1, ...domainNames.keys()];
  return tasks.flatMap((task) => domains.map((domain) => ({ task, domain })));
}

function placeName(report: DayReport, { task, domain }: Place): string {
  const short = shortenAll(report.domainNames, 20);
  const place = domain < 0 ? ALL_ROWS : short[domain]!;
  return report.tasks.length === 1 ? place : `${taskName(task)}, ${place}`;
}

function isAt({ task, domain }: Place): (cell: { readonly task: DayTask; readonly domain: number }) => boolean {
  return (cell) => cell.task.tower === task.tower && cell.domain === domain;
}

/** AUC by day, a line per variant, with intervals. A gap is a day without an AUC. */
export function daysChart(report: DayReport): Chart {
  const all = placesOf(report);
  const variants = family(
    report.variants.map(({ name }) => name),
    { noun: "variant" },
  );
  const panels = all.slice(0, MAX_PANELS).map((place, p) => daysPanel(report, place, variants, p === 0));
  const cut = all.length > MAX_PANELS ? `the first ${MAX_PANELS} of ${count(all.length, "panel")}` : null;
  return chart({
    title: sentence([daysTitle(report), cut]),
    rows: panelRows(panels, { across: 2, height: HEIGHT, empty: "no task to measure" }),
    legendBelow: true,
    sheet: daysSheet(report),
  });
}

function daysPanel(report: DayReport, place: Place, variants: ReturnType<typeof family>, inLegend: boolean): Panel {
  const cells = report.cells.filter(isAt(place));
  const measured = [...report.days.keys()].filter((day) => report.days[day]!.isMeasured);
  const shift = 0.5 / Math.max(1, report.variants.length);
  return {
    title: placeName(report, place),
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
  const { tasks, comparisons, domainNames } = report;
  const parts = tasks.map((task) => {
    const of = comparisons.filter(
      (each) => isAt({ task, domain: -1 })(each) && each.variant === "warm" && each.metric === "auc",
    );
    const best = of.find(({ than }) => than !== "frozen") ?? of[0];
    const name = inTitle(taskName(task), domainNames);
    return best === undefined ? `${name}: not measured` : `${name}: going on is ${verdictText(best)}`;
  });
  return capital(`next-${report.unit} AUC: ${firstTasks(parts).join("; ")}`);
}

function verdictText({ verdict, than, value }: DayReport["comparisons"][number]): string {
  const other = than === "frozen" ? "the first model" : than;
  const by = ` (AUC ${signed(value)})`;
  if (verdict === "undefined") return `not measured beside ${other}`;
  if (verdict === "undecided") return `not known to differ from ${other}${by}`;
  return verdict === "as good" ? `as good as ${other}${by}` : `${verdict} than ${other}${by}`;
}

/** The loss of AUC by age with its interval, a panel per task and domain. */
export function ageingChart(report: DayReport): Chart {
  const all = placesOf(report);
  const panels = report.ageing.length === 0 ? [] : all.slice(0, MAX_PANELS).map((place) => ageingPanel(report, place));
  const cut = all.length > MAX_PANELS ? `the first ${MAX_PANELS} of ${count(all.length, "panel")}` : null;
  return chart({
    title: sentence([ageingTitle(report), cut]),
    rows: panelRows(panels, { across: 2, height: HEIGHT, empty: "no older models were measured" }),
    sheet: ageingSheet(report),
  });
}

function ageingPanel(report: DayReport, place: Place): Panel {
  const losses = report.ageing.filter((each) => isAt(place)(each) && each.metric === "auc");
  const ages = losses.map(({ age }) => age);
  const oldest = Math.max(1, ...ages);
  return {
    title: placeName(report, place),
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
  const task = tasks.length === 1 ? "" : `${inTitle(most!.task.tower)} `;
  const share =
    clear.length === cells.length ? "" : `, ${percent(clear.length / cells.length)} of the cells beyond noise`;
  return `Ageing: a model that is ${old} loses ${task}AUC ${signed(-most!.loss.value!)}${place}${share}`;
}
