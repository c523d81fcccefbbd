/** Panels with their axes, panels in rows, heat maps of names × names, and the figure that they make up. */

import type { Json, JsonObject } from "../../core/util/json.js";
import { asMarked, type MarkedText } from "../../core/util/measured.js";
import { sum } from "../../core/util/numbers.js";
import { type CellsOptions, cells, cellTexts } from "./lines.js";
import { words } from "./mark.js";
import {
  AXIS,
  BUTTON,
  CONFIG,
  FONT,
  FONT_SIZE,
  GRID,
  INK,
  LEAST_WIDTH,
  type Markup,
  MODEBAR,
  markup,
  plotText,
  shorten,
  shortenAll,
  TITLE_SIZE,
  wrapped,
} from "./theme.js";
import { withTicks } from "./ticks.js";
import { type Chart, type Figure, type PlotlyTrace, placesOf, type Sheet, sheetTable } from "./view.js";

export interface Panel {
  /** Title above the axes; the composer escapes it, and breaks it into lines before the next panel's. */
  readonly title?: string | undefined;
  /** In drawing order; the composer assigns the axes. */
  readonly marks: readonly PlotlyTrace[];
  readonly xaxis: JsonObject;
  readonly yaxis: JsonObject;
  /** Pixels for tick labels and axis title on the left. Default: 64. */
  readonly left?: number;
  /** Pixels for tick labels and axis title below. Default: 44. */
  readonly below?: number;
}

export interface PanelRow {
  readonly height: number;
  readonly panels: readonly Panel[];
  /** Relative widths; more widths than panels leave the row's end empty. Default: equal. */
  readonly widths?: readonly number[] | undefined;
}

/** Pixels at the right for a colour bar. */
const COLOUR_BAR = 96;
const PANEL_TITLE = 26;
const PANEL_LINE = 17;
const LONG_NAMES = 90;
const PANEL_LETTER = (FONT_SIZE + 1) * 0.6;

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly plotWidth: number;
}

type PlacedRow = ReturnType<typeof placeRow>;

/** A row with the places of its panels along x, the lines of their titles, and the pixels above its axes. */
function placeRow(row: PanelRow, frame: Frame, names: readonly string[]) {
  const panels = columns(row, frame).map((place) => ({ ...place, lines: titleOf(place.panel, names, place.room) }));
  const most = Math.max(0, ...panels.map(({ lines }) => lines.length));
  return { row, panels, above: most === 0 ? 6 : PANEL_TITLE + (most - 1) * PANEL_LINE };
}

function placePanels(rows: readonly PlacedRow[], plotHeight: number) {
  const marks: PlotlyTrace[] = [];
  const axes: Record<string, Json> = {};
  const titles: Json[] = [];
  let number = 0;
  let y = 0;
  for (const { row, panels, above } of rows) {
    y += above;
    const low = clamp(1 - (y + row.height) / plotHeight);
    const high = clamp(1 - y / plotHeight);
    for (const { panel, from, to, lines } of panels) {
      number++;
      const suffix = number === 1 ? "" : String(number);
      axes[`xaxis${suffix}`] = axis(withTicks(panel.xaxis, panel.marks, "x"), [from, to], `y${suffix}`);
      axes[`yaxis${suffix}`] = axis(withTicks(panel.yaxis, panel.marks, "y"), [low, high], `x${suffix}`);
      for (const mark of panel.marks) {
        const bar = colourBar(mark, low, high);
        marks.push({ showlegend: false, ...mark, ...bar, xaxis: `x${suffix}`, yaxis: `y${suffix}` });
      }
      if (lines.length > 0) titles.push(panelTitle(panel, lines, { x: from, y: high }));
    }
    y += row.height + pixelsBelow(row);
  }
  return { marks, axes, titles };
}

function pixelsBelow(row: PanelRow | undefined): number {
  return Math.max(0, ...(row?.panels.map((panel) => panel.below ?? 44) ?? []));
}

function axis(look: JsonObject, domain: readonly [number, number], anchor: string): JsonObject {
  return { ...AXIS, automargin: false, ...look, domain, anchor };
}

/** Places a colour bar next to its row, not next to the whole figure. */
function colourBar(mark: PlotlyTrace, low: number, high: number): JsonObject {
  if (mark["showscale"] !== true) return {};
  const bar = { x: 1, xanchor: "left", y: (low + high) / 2, len: high - low, thickness: 14, outlinewidth: 0, ypad: 0 };
  return { colorbar: { ...bar, ...(mark["colorbar"] as JsonObject) } };
}

/** `room`: pixels for the panel's title, up to the next panel's title or the page's edge. */
function columns(row: PanelRow, { left, right, plotWidth }: Frame) {
  const widths = row.widths ?? row.panels.map(() => 1);
  const total = sum(widths);
  const gaps = widths.map((_, p) => {
    const space = row.panels[p]?.left ?? 64;
    return p === 0 ? Math.max(0, space - left) : space + 8;
  });
  const free = plotWidth - sum(gaps);
  let x = 0;
  return row.panels.map((panel, p) => {
    const from = x + gaps[p]!;
    x = from + (free * widths[p]!) / total;
    const next = row.panels[p + 1];
    const end =
      p < widths.length - 1 ? x + gaps[p + 1]! - (next?.title === undefined ? 0 : titleShift(next)) : plotWidth + right;
    const room = end - from - 8;
    return { panel, from: clamp(from / plotWidth), to: clamp(x / plotWidth), room };
  });
}

/** Broken into lines, or else shortened so that it differs from the others. */
function titleOf(panel: Panel, among: readonly string[], room: number): readonly string[] {
  if (panel.title === undefined) return [];
  const letters = Math.floor((room + titleShift(panel)) / PANEL_LETTER);
  return wrapped(panel.title, letters) ?? [shortenAll(among, letters)[among.indexOf(panel.title)]!];
}

/** Above the axes, or above the names at their left if they are long. */
function titleShift({ left = 64 }: Panel): number {
  return left > LONG_NAMES ? left - 12 : 0;
}

function panelTitle(
  panel: Panel,
  lines: readonly string[],
  place: { readonly x: number; readonly y: number },
): JsonObject {
  const anchor = { ...place, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom" };
  const several: JsonObject = lines.length > 1 ? { align: "left" } : {};
  const text = lines.map(plotText).join("<br>");
  const shift = { xshift: 0 - titleShift(panel), yshift: 4 };
  return { ...anchor, ...several, text, ...shift, showarrow: false, font: { size: FONT_SIZE + 1 } };
}

function clamp(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1e6) / 1e6;
}

interface Composition {
  /** The title; escaped and wrapped by the composer. */
  readonly title: string;
  /** The subject of the title's finding, in a smaller font below it; escaped and wrapped by the composer. */
  readonly subtitle?: string | undefined;
  readonly rows: readonly PanelRow[];
  /** Below the panels in one line, rather than at their right. Default: false. */
  readonly legendBelow?: boolean;
  readonly layout?: JsonObject | undefined;
}

const TITLE_LINE = TITLE_SIZE * 1.3;
const TITLE_LEFT = 12;
const SUBTITLE_SIZE = 12;
const SUBTITLE_LINE = (SUBTITLE_SIZE + 4) * 1.3;
const LEGEND_LINE = 24;

/** Plotly's distance from the title follows from the font's size, which is too little at the size of the letters. */
function subtitleOf(lines: readonly string[]): JsonObject {
  const text = lines.map((each) => `<span style="font-size:${SUBTITLE_SIZE}px">${plotText(each)}</span>`).join("<br>");
  return { text, font: { size: SUBTITLE_SIZE + 4, weight: 400, color: INK } };
}

export function compose({ title, subtitle, rows, legendBelow = false, layout = {} }: Composition): Figure {
  // Plotly's buttons are next to the first line.
  const room = (line: number): number => LEAST_WIDTH - TITLE_LEFT - (line === 0 ? MODEBAR : TITLE_LEFT);
  const lines = titleLines(title, TITLE_SIZE, room);
  const below = titleLines(subtitle ?? "", SUBTITLE_SIZE, () => LEAST_WIDTH - 2 * TITLE_LEFT);
  const top = 18 + lines.length * TITLE_LINE + (below.length === 0 ? 0 : 8 + below.length * SUBTITLE_LINE);
  const right = rightMargin(rows, !legendBelow);
  const left = Math.min(...rows.map((row) => row.panels[0]?.left ?? 64));
  const axesBottom = pixelsBelow(rows.at(-1)) + 4;
  const last = rows.length - 1;
  const names = rows.flatMap(({ panels }) => panels.map((panel) => panel.title ?? ""));
  const frame = { left, right, plotWidth: LEAST_WIDTH - left - right };
  const placedRows = rows.map((row) => placeRow(row, frame, names));
  const plotHeight = sum(placedRows.map(({ row, above }, r) => above + row.height + (r < last ? pixelsBelow(row) : 0)));
  const hasLegend = marksOf(rows).some(isInLegend);
  const bottom = axesBottom + (legendBelow && hasLegend ? LEGEND_LINE : 0);
  const placed = placePanels(placedRows, plotHeight);
  return {
    data: placed.marks,
    layout: {
      height: Math.round(top + plotHeight + bottom),
      autosize: true,
      margin: { l: left, r: right, t: Math.round(top), b: bottom, pad: 0 },
      font: { family: FONT, size: FONT_SIZE, color: INK },
      title: {
        text: lines.map(plotText).join("<br>"),
        font: { size: TITLE_SIZE, weight: 600 },
        ...(below.length === 0 ? {} : { subtitle: subtitleOf(below) }),
        x: 0,
        xref: "container",
        xanchor: "left",
        // Plotly moves a title of several lines up by 10 pixels.
        pad: { l: TITLE_LEFT, t: lines.length === 1 ? 14 : 24 },
        y: 1,
        yref: "container",
        yanchor: "top",
      },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: hasLegend,
      legend: {
        ...(legendBelow
          ? { orientation: "h", x: 0, y: -axesBottom / plotHeight }
          : { x: 1, y: clamp(1 - placedRows[0]!.above / plotHeight) }),
        xanchor: "left",
        yanchor: "top",
        bgcolor: "rgba(0,0,0,0)",
        tracegroupgap: 2,
      },
      hoverlabel: { font: { family: FONT } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: BUTTON, activecolor: INK },
      ...placed.axes,
      annotations: placed.titles,
      ...layout,
    },
    config: CONFIG,
  };
}

function rightMargin(rows: readonly PanelRow[], hasLegendAtRight: boolean): number {
  const marks = marksOf(rows);
  const bar = marks.some((mark) => mark["showscale"] === true) ? COLOUR_BAR : 0;
  const inLegend = hasLegendAtRight ? marks.filter(isInLegend) : [];
  const letters = Math.max(0, ...inLegend.map(({ name }) => [...String(name ?? "").replace(/&[a-z]+;/g, "x")].length));
  return Math.max(24, bar, letters === 0 ? 0 : 58 + Math.round(letters * 7.2));
}

function marksOf(rows: readonly PanelRow[]): PlotlyTrace[] {
  return rows.flatMap(({ panels }) => panels.flatMap(({ marks }) => marks));
}

function isInLegend(mark: PlotlyTrace): boolean {
  return mark["showlegend"] === true;
}

type ChartParts = Omit<Composition, "title"> & { readonly title: string | MarkedText; readonly sheet: Sheet };

/** A chart. If a title has several clauses and no subtitle, the first clause is the title and the others become the subtitle. */
export function chart({ sheet, title: clauses, subtitle: ready, ...composition }: ChartParts): Chart {
  const { text, measured } = asMarked(clauses);
  const [title = "", ...rest] = ready === undefined ? text.split("; ") : [text];
  const subtitle = ready ?? rest.join("; ");
  const below = subtitle === "" ? {} : { subtitle };
  const figure = compose({ title, ...below, ...composition });
  return { title, ...below, figure, table: sheetTable(sheet), ...placesOf({ title: measured }) };
}

export function panelChart(title: string, panel: Panel, height: number, sheet: Sheet): Chart {
  return chart({ title, rows: [{ height, panels: [panel] }], sheet });
}

export function emptyPanel(why: string, title?: string): Panel {
  const bare = { range: [0, 1], showticklabels: false, showgrid: false, ticks: "" };
  return {
    title,
    marks: [words({ x: [0.5], y: [0.5], texts: [why] })],
    xaxis: { ...bare, linecolor: GRID },
    yaxis: bare,
  };
}

/** Advance widths in em, rounded to 0.05. */
const LETTERS: readonly (readonly [number, string])[] = [
  [0.35, " /IJ\\ijl'|"],
  [0.4, "-,.:;"],
  [0.45, "!()[]f"],
  [0.5, '"*_`rt–'],
  [0.6, "?csz"],
  [0.65, "Lakvxy"],
  [0.7, "$0123456789EFSTYbdeghnopqu{}"],
  [0.75, "ABCKPRVXZ"],
  [0.85, "#&+<=>DGHNOQU^~×→"],
  [0.95, "w"],
  [1.05, "%@Mm…"],
  [1.1, "W"],
];
const LETTER_WIDTHS = new Map(LETTERS.flatMap(([em, letters]) => [...letters].map((letter) => [letter, em] as const)));
/** East Asian scripts and emoji are as wide as they are high. */
const FULL_WIDTH = /[\u1100-\u11ff\u2e80-\ua4ff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|[\u{1f000}-\u{3ffff}]/u;
/** A space where a line may break: `layer 1`, `× 1.99`, `2 min 5 s`, `1.31 → 0.51` and `−0.03 to −0.02` stay whole. */
const BREAK = /(?<!×) (?!\(?[\d→−+<>]|to [\d−+]|(?:ms|s|min|h)\b)/;

export function boldWidth(text: string, size: number): number {
  const width = (letter: string): number => LETTER_WIDTHS.get(letter) ?? (FULL_WIDTH.test(letter) ? 1.05 : 0.8);
  return [...text].reduce((sum, letter) => sum + width(letter), 0) * size;
}

/** Breaks a title into lines, after a semicolon if that splits no clause. @param room the pixels of line 0, 1, … */
export function titleLines(title: string, size: number, room: (line: number) => number): string[] {
  const lines: string[] = [];
  let line = "";
  const fits = (text: string): boolean => boldWidth(text, size) <= room(lines.length);
  const add = (piece: string): boolean => {
    const longer = line === "" ? piece : `${line} ${piece}`;
    if (!fits(longer)) return false;
    line = longer;
    return true;
  };
  const next = (): void => {
    if (line !== "") lines.push(line);
    line = "";
  };
  for (const clause of title.split(/(?<=;) /)) {
    if (add(clause)) continue;
    next();
    if (add(clause)) continue;
    for (const word of clause.split(BREAK)) {
      if (add(word)) continue;
      next();
      let limit = [...word].length;
      while (limit > 3 && !fits(shorten(word, limit))) limit--;
      line = shorten(word, limit);
    }
  }
  next();
  return lines;
}

const ROW_NAME = 24;
/** Pixels from one row's name to the next. */
const LINE = 14;

export function xAxis(title: string, more: JsonObject = {}): JsonObject {
  return { title: { text: title, standoff: 6 }, tickangle: 0, ...more };
}

export function yAxis(title: string, more: JsonObject = {}): JsonObject {
  return { title: { text: title }, ...more };
}

export interface RowNamesOptions {
  readonly letters?: number | undefined;
  /** `false`: the panel on the left shows the names. Default: true. */
  readonly named?: boolean | undefined;
  /** Length of the axis in pixels, if there may be too many rows to name. Default: all rows are named. */
  readonly height?: number;
}

/** A y axis of names at 0, 1, 2, … from the top, and the pixels that they need on its left. */
export function rowNames(
  names: readonly string[],
  options: RowNamesOptions = {},
): Pick<Panel, "yaxis"> & { left: number } {
  const { letters = ROW_NAME, named = true, height } = options;
  const step = height === undefined ? 1 : Math.ceil((names.length * LINE) / height);
  const yaxis: Record<string, Json> = {
    ...nameTicks(names, letters, step),
    range: [Math.max(1, names.length) - 0.5, -0.5],
  };
  if (!named) yaxis["showticklabels"] = false;
  return { yaxis, left: named ? namesWidth(names, letters) : 16 };
}

function namesWidth(names: readonly string[], limit: number): number {
  const longest = Math.max(5, ...names.map((name) => Math.min(limit, [...name].length)));
  return 24 + Math.round(longest * 7.4);
}

/** Pixels of a 12-pixel letter, and from one slanted line of letters to the next. */
const LETTER = 7.2;
const PITCH = 15;
const LIMIT = 22;
/** Letters of slanted names, by degrees: steep ones extend further down. */
const SLANTED = { 40: 28, 60: 22 } as const;

/** An x axis of names at 0, 1, …, and the pixels below it: flat if they fit on `width` pixels, else slanted. */
export function columnNames(names: readonly string[], width: number): Pick<Panel, "xaxis"> & { below: number } {
  const flat = longest(names, LIMIT) + 1;
  if (flat * LETTER * names.length <= width)
    return { xaxis: { ...nameTicks(names, LIMIT, 1), tickangle: 0 }, below: 36 };
  const step = Math.ceil((names.length * PITCH) / width);
  const angle = step > 1 ? 60 : 40;
  const reach = longest(names, SLANTED[angle]) * LETTER * Math.sin((angle * Math.PI) / 180);
  const xaxis = { ...nameTicks(names, SLANTED[angle], step), tickangle: -angle };
  return { xaxis, below: 24 + Math.round(reach) };
}

function nameTicks(names: readonly string[], limit: number, step: number): JsonObject {
  const places = [...names.keys()].filter((n) => n % step === 0);
  const short = shortenAll(names, limit);
  return {
    tickvals: places,
    ticktext: places.map((n) => plotText(short[n]!)),
    showgrid: false,
    range: [-0.5, Math.max(1, names.length) - 0.5],
  };
}

function longest(names: readonly string[], limit: number): number {
  return Math.max(1, ...shortenAll(names, limit).map((name) => [...name].length));
}

export interface RowsOptions {
  readonly across: number;
  readonly height: number;
  readonly empty: string;
}

/** If names need more pixels than this, two panels side by side have too little room: such panels are placed below each other. */
export const WIDE_NAMES = 190;

export function panelRows(panels: readonly Panel[], { across, height, empty }: RowsOptions): PanelRow[] {
  if (panels.length === 0) return [{ height: 60, panels: [emptyPanel(empty)] }];
  const beside = panels.some(({ left = 0 }) => left > WIDE_NAMES) ? 1 : across;
  const widths = panels.length > beside ? Array<number>(beside).fill(1) : undefined;
  return Array.from({ length: Math.ceil(panels.length / beside) }, (_, row) => ({
    height,
    panels: panels.slice(row * beside, (row + 1) * beside),
    widths,
  }));
}

/** With more columns, cells are too narrow for numbers. */
const CELL_TEXT_COLUMNS = 10;

export interface HeatMap extends Omit<CellsOptions, "hover" | "calls"> {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cell: (row: number, column: number) => string;
  readonly hover: (row: number, column: number) => Markup;
  readonly call?: ((row: number, column: number) => string | null) | undefined;
  /** The reason of gaps, for hover texts. */
  readonly gap: string;
  readonly height: number;
  /** Of the rows' names. Default: 24. */
  readonly letters?: number;
}

function gapWords(
  gaps: readonly { readonly r: number; readonly c: number }[],
  hover: (row: number, column: number) => Markup,
): PlotlyTrace {
  const place = { x: gaps.map(({ c }) => c), y: gaps.map(({ r }) => r) };
  return words({ ...place, texts: gaps.map(() => "–"), hover: gaps.map(({ r, c }) => hover(r, c)) });
}

/** The axes of a heat map. If names do not fit, only every second or third is shown. */
export function heatPanel(map: HeatMap): Panel {
  const { title, rows, columns, range, scale, bar, height, letters } = map;
  const each = <Value>(of: (row: number, column: number) => Value): Value[][] =>
    rows.map((_, r) => columns.map((__, c) => of(r, c)));
  const values = each((r, c) => map.values[r]?.[c] ?? null);
  const fits = columns.length <= CELL_TEXT_COLUMNS;
  const names = rowNames(rows, { height, letters });
  const gaps = each((r, c) => ({ r, c }))
    .flat()
    .filter(({ r, c }) => values[r]![c] === null);
  return {
    title,
    marks: [
      cells({ values, range, scale, bar, hover: each(map.hover), calls: map.call && each(map.call) }),
      ...(fits ? cellTexts(each(map.cell), { values, range, scale }) : []),
      ...(gaps.length === 0 ? [] : [gapWords(gaps, (r, c) => markup`${map.hover(r, c)}: ${map.gap}`)]),
    ],
    ...columnNames(columns, LEAST_WIDTH - names.left - COLOUR_BAR),
    ...names,
  };
}
