/** The view of what a model is worth: differences of simpler models from it, by task and domain. */

import { negated } from "../../../core/metrics/intervals/bootstrap.js";
import { sum } from "../../../core/util/numbers.js";
import { count, signed } from "../../../core/util/text.js";
import type { SimplerModel, WorthCell, WorthFacts } from "../../ablation/worth.js";
import { chart, type Panel, panelRows, rowNames, xAxis } from "../compose.js";
import { domainRows } from "../dot-rows.js";
import { area, dots, rule } from "../lines.js";
import { words } from "../mark.js";
import {
  BETTER,
  colour,
  faded,
  isLeftOut,
  type LeftOut,
  type LegendEntry,
  leftOutText,
  markup,
  plotText,
  rangeOf,
  rounded,
  shortenAll,
  WORSE,
} from "../theme.js";
import {
  ALL_ROWS,
  type Chart,
  capital,
  col,
  independentUnits,
  levelText,
  metricName,
  metricOfAll,
  type Sheet,
  seedsText,
  sheetFrom,
  taskName,
} from "../view.js";

const VERDICTS = {
  "model is better": "beyond noise, worse",
  "is better": "beyond noise, better",
  equivalent: "equivalent",
  "within noise": "within noise",
} as const;

function caption(worth: WorthFacts): string {
  const { report, user, evaluationRows } = worth;
  return `${worth.headline}: ${seedsText(report)}, ${count(evaluationRows, "evaluation row")}; the ${levelText(report.level)} intervals hold together over trainings (${independentUnits(user)})`;
}

/** A row per task and domain: the metric of each model, the gain over the best simpler one, and the verdict. */
export function worthSheet(worth: WorthFacts): Sheet {
  const names = simplerNames(worth);
  const of = ({ simpler }: WorthCell, name: string) => simpler.find((each) => each.name === name);
  return sheetFrom(caption(worth), worth.cells, [
    placeColumns,
    names.map((name) => col.number(name, (cell: WorthCell) => of(cell, name)?.mean, 4)),
    col.number(worth.name, ({ mean }) => mean, 4),
    col.text(["best_simpler", "best simpler"], ({ best }) => best?.name),
    col.number("gain", ({ best }) => best?.gain.value, 4),
    col.ends(({ best }) => best?.gain, 4),
    col.text(["verdict", null], ({ verdict }) => verdict),
    col.text("says", ({ says }) => says),
  ]);
}

const placeColumns = [
  col.text("task", ({ task }: WorthCell) => task.tower),
  col.text("domain", ({ domain }: WorthCell) => domain ?? ALL_ROWS),
  col.text("metric", ({ task }: WorthCell) => metricName(task)),
];

/** A row per simpler model, task and domain. */
function differencesSheet(worth: WorthFacts): Sheet {
  const rows = worth.cells.flatMap((cell) => cell.simpler.map((model) => ({ ...cell, model })));
  return sheetFrom(caption(worth), rows, [
    placeColumns as never,
    col.text("model", ({ model }) => model.name),
    col.number("value", ({ model }) => model.mean, 4),
    col.number(worth.name, ({ mean }) => mean, 4),
    col.number(["gain", `gain of ${worth.name}`], ({ model }) => model.gain.value, 4),
    col.ends(({ model }) => model.gain, 4),
    col.text("verdict", ({ model }) => model.verdict && VERDICTS[model.verdict]),
  ]);
}

function simplerNames({ cells }: WorthFacts): string[] {
  return [...new Set(cells.flatMap(({ simpler }) => simpler.map(({ name }) => name)))];
}

/** Sentences: the headline, then each clear verdict, then a sentence for all others of a task. */
export function worthConclusions(worth: WorthFacts): readonly string[] {
  const place = ({ task, domain }: WorthCell) => `${taskName(task)}, ${domain ?? ALL_ROWS}`;
  const isClear = ({ verdict }: WorthCell): boolean => verdict === "gains" || verdict === "loses";
  const clear = worth.cells.filter(isClear).map((cell) => `${place(cell)}: ${cell.says}.`);
  const rest = worth.cells.filter((cell) => !isClear(cell));
  const named = rest.slice(0, mostOpen).map((cell) => `${place(cell)}: ${cell.says}.`);
  const more = rest.length - named.length;
  return [
    `${capital(worth.headline)}.`,
    ...clear,
    ...named,
    ...(more > 0 ? [`${count(more, "more cell")} without a clear verdict: see the table.`] : []),
  ];
}

const mostOpen = 6;

const MODEL = 10;
const LETTERS = 24;

/** A row of the picture: a domain, or all rows (`null`). */
type Row = string | null | LeftOut;

export function worthChart(worth: WorthFacts): Chart {
  const rows = drawnRows(worth);
  const reach = reachOf(worth, rows);
  const panels = worth.tasks.map((task, at) => taskPanel(worth, task.tower, rows, reach, at === 0));
  const height = rows.length * Math.max(24, 6 + MODEL * simplerNames(worth).length);
  const { report, user } = worth;
  const over = `${seedsText(report)}, ${levelText(report.level)} intervals over trainings and ${user === null ? "rows" : "users"}`;
  return chart({
    title: worth.headline,
    subtitle: `${metricOfAll(report)} less that of ${worth.name}, ${over}; shaded: it gains (green) or loses (red) beyond noise`,
    rows: panelRows(panels, { across: 2, height, empty: "no task to compare" }),
    legendBelow: true,
    sheet: differencesSheet(worth),
  });
}

/** If there are many domains, those that gain and lose beyond noise in most tasks, then by their gains. */
function drawnRows({ cells, domainNames }: WorthFacts): Row[] {
  const gain = (name: string): number => {
    const of = cells.filter(({ domain }) => domain === name);
    const clear = of.map(({ verdict }) => (verdict === "gains" ? 1 : verdict === "loses" ? -1 : 0));
    return sum(clear) + sum(of.map(({ best }) => best?.gain.value ?? 0));
  };
  return [null, ...domainRows(domainNames, gain)];
}

/** The ends of the axis, which all panels share. */
function reachOf({ cells }: WorthFacts, rows: readonly Row[]): readonly [number, number] {
  const visible = cells.filter(({ domain }) => rows.includes(domain));
  return rangeOf(
    visible.flatMap(({ simpler }) => simpler.map(({ gain }) => negated(gain))),
    [0],
  );
}

function taskPanel(
  worth: WorthFacts,
  tower: string,
  rows: readonly Row[],
  [from, to]: readonly [number, number],
  inLegend: boolean,
): Panel {
  const cells = rows.map(
    (row) => worth.cells.find(({ task, domain }) => task.tower === tower && domain === row) ?? null,
  );
  const { task } = worth.cells.find((cell) => cell.task.tower === tower)!;
  const names = simplerNames(worth);
  const shades = cells.flatMap((cell, row) => {
    if (cell === null || cell.mean === null) return [];
    const shade = cell.verdict === "gains" ? BETTER : cell.verdict === "loses" ? WORSE : null;
    const place = markup`${taskName(cell.task)}, ${cell.domain ?? ALL_ROWS}`;
    const hover = markup`${place}<br>${worth.name}: ${metricName(cell.task)} ${cell.mean.toFixed(4)}<br>${cell.says}`;
    const fill = shade === null ? undefined : faded(shade, 0.16);
    return [area({ x: [from, to], y: [row - 0.46, row + 0.46], fill, color: "rgba(0,0,0,0)", width: 0, hover })];
  });
  const gaps = cells.flatMap((cell, row) => (cell !== null && cell.best === null ? [row] : []));
  return {
    title: worth.tasks.length === 1 ? undefined : taskName(task),
    marks: [
      ...shades,
      rule({
        from: [0, -0.5],
        to: [0, rows.length - 0.5],
        dash: "solid",
        width: 2,
        legend: { name: worth.name, group: worth.name, inLegend },
      }),
      ...names.map((name, at) => modelMark(worth, cells, name, [at, names.length], inLegend)),
      ...(gaps.length === 0 ? [] : [words({ x: gaps.map(() => 0), y: gaps, texts: gaps.map(() => "–") })]),
    ],
    xaxis: xAxis(`Δ ${metricName(task)} from ${worth.name}`, { range: [from, to], tickformat: ".3~f", nticks: 5 }),
    ...labels(rows, cells),
  };
}

/** Around its row's middle, from above. */
function placeOf(row: number, at: number, models: number): number {
  return rounded(row + ((at - (models - 1) / 2) * 0.76) / Math.max(1, models));
}

function modelMark(
  worth: WorthFacts,
  cells: readonly (WorthCell | null)[],
  name: string,
  [at, models]: readonly [number, number],
  inLegend: boolean,
) {
  const color = colour(at, models);
  const places = cells.flatMap((cell, row) => {
    const model = cell?.simpler.find((each) => each.name === name);
    return model?.gain.value == null ? [] : [{ cell: cell!, row, model, change: negated(model.gain) }];
  });
  const place = (value: number | null): number | null => (value === null ? null : rounded(value));
  const legend: LegendEntry = { name, group: name, inLegend, letters: 40 };
  return dots({
    x: places.map(({ change }) => place(change.value)),
    y: places.map(({ row }) => placeOf(row, at, models)),
    color,
    size: 8,
    symbol: places.map(({ model }) => (isClear(model) ? "circle" : "circle-open")),
    outline: { color, width: 1.5 },
    whiskersX: {
      low: places.map(({ change }) => place(change.low)),
      high: places.map(({ change }) => place(change.high)),
      color,
      thickness: 1.5,
    },
    legend,
    hover: places.map(({ cell, model }) => hoverText(worth, cell, model)),
  });
}

function isClear({ verdict }: SimplerModel): boolean {
  return verdict === "is better" || verdict === "model is better";
}

function hoverText({ name }: WorthFacts, { task, domain }: WorthCell, model: SimplerModel) {
  const { value, low, high } = negated(model.gain);
  const verdict = model.verdict === null ? "one seed" : VERDICTS[model.verdict];
  const place = markup`${taskName(task)}, ${domain ?? ALL_ROWS}`;
  return markup`${place}<br>${model.name}: ${metricName(task)} ${model.mean!.toFixed(4)}<br>${signed(value, 4)} from ${name} (${signed(low, 4)} to ${signed(high, 4)}): ${verdict}`;
}

/** Names with the model's own metric, as ticks. */
function labels(rows: readonly Row[], cells: readonly (WorthCell | null)[]): Pick<Panel, "yaxis" | "left"> {
  const domains = rows.filter((row) => typeof row === "string");
  const short = shortenAll(domains, LETTERS);
  const names = rows.map((row, at) => {
    if (isLeftOut(row)) return leftOutText(row);
    const name = row === null ? ALL_ROWS : short[domains.indexOf(row)]!;
    const mean = cells[at]?.mean ?? null;
    return mean === null ? name : `${name}\u2002${mean.toFixed(3)}`;
  });
  const letters = Math.max(0, ...names.map((name) => [...name].length));
  const { yaxis, left } = rowNames(names, { letters });
  return { yaxis: { ...yaxis, ticktext: names.map(plotText) }, left };
}
