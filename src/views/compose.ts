import type { Json, JsonObject } from "../util/random.js";
import { sum } from "../util/turns.js";
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
  label,
  MODEBAR,
  plotText,
  shorten,
  TITLE_SIZE,
} from "./theme.js";
import { type Chart, type Figure, type PlotlyTrace, type Sheet, sheetTable } from "./view.js";

export interface Panel {
  /** Title above the axes; the composer escapes it, and shortens it if it would overlap the next panel's. */
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

const PANEL_TITLE = 26;
const LONG_NAMES = 90;
const PANEL_LETTER = (FONT_SIZE + 1) * 0.6;

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly plotWidth: number;
  readonly plotHeight: number;
}

function placePanels(rows: readonly PanelRow[], frame: Frame) {
  const marks: PlotlyTrace[] = [];
  const axes: Record<string, Json> = {};
  const titles: Json[] = [];
  let number = 0;
  let y = 0;
  for (const row of rows) {
    y += pixelsAbove(row);
    const low = clamp(1 - (y + row.height) / frame.plotHeight);
    const high = clamp(1 - y / frame.plotHeight);
    for (const { panel, from, to, room } of columns(row, frame)) {
      number++;
      const suffix = number === 1 ? "" : String(number);
      axes[`xaxis${suffix}`] = axis(panel.xaxis, [from, to], `y${suffix}`);
      const yaxis =
        panel.yaxis["scaleanchor"] === undefined ? panel.yaxis : { ...panel.yaxis, scaleanchor: `x${suffix}` };
      axes[`yaxis${suffix}`] = axis(yaxis, [low, high], `x${suffix}`);
      for (const mark of panel.marks) {
        const bar = colourBar(mark, low, high);
        marks.push({ showlegend: false, ...mark, ...bar, xaxis: `x${suffix}`, yaxis: `y${suffix}` });
      }
      if (panel.title !== undefined) titles.push(panelTitle(panel, from, high, room));
    }
    y += row.height + pixelsBelow(row);
  }
  return { marks, axes, titles };
}

function pixelsAbove(row: PanelRow): number {
  return row.panels.some((panel) => panel.title !== undefined) ? PANEL_TITLE : 6;
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
    const room = (p < widths.length - 1 ? x + gaps[p + 1]! : plotWidth + right) - from - 8;
    return { panel, from: clamp(from / plotWidth), to: clamp(x / plotWidth), room };
  });
}

/** Above the axes, or above the names at their left if they are long. */
function panelTitle({ title = "", left = 64 }: Panel, x: number, y: number, room: number): JsonObject {
  const shift = left > LONG_NAMES ? left - 12 : 0;
  const place = { x, y, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom" };
  const text = label(title, Math.floor((room + shift) / PANEL_LETTER));
  return { ...place, text, xshift: 0 - shift, yshift: 4, showarrow: false, font: { size: FONT_SIZE + 1 } };
}

function clamp(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1e6) / 1e6;
}

interface Composition {
  /** The title; escaped and wrapped by the composer. */
  readonly title: string;
  readonly rows: readonly PanelRow[];
  /** Below the panels in one line, rather than at their right. Default: false. */
  readonly legendBelow?: boolean;
  readonly layout?: JsonObject | undefined;
}

const LINE = TITLE_SIZE * 1.3;
const TITLE_LEFT = 12;
const LEGEND_LINE = 24;

export function compose({ title, rows, legendBelow = false, layout = {} }: Composition): Figure {
  const lines = titleLines(title, TITLE_SIZE, titleRoom);
  const top = 18 + lines.length * LINE;
  const right = rightMargin(rows, !legendBelow);
  const left = Math.min(...rows.map((row) => row.panels[0]?.left ?? 64));
  const axesBottom = pixelsBelow(rows.at(-1)) + 4;
  const last = rows.length - 1;
  const heights = rows.map((row, r) => pixelsAbove(row) + row.height + (r < last ? pixelsBelow(row) : 0));
  const plotHeight = sum(heights);
  const hasLegend = marksOf(rows).some(isInLegend);
  const bottom = axesBottom + (legendBelow && hasLegend ? LEGEND_LINE : 0);
  const placed = placePanels(rows, { left, right, plotWidth: LEAST_WIDTH - left - right, plotHeight });
  return {
    data: placed.marks,
    layout: {
      height: Math.round(top + plotHeight + bottom),
      autosize: true,
      margin: { l: left, r: right, t: Math.round(top), b: bottom, pad: 0 },
      font: { family: FONT, size: FONT_SIZE, color: INK },
      title: titleLayout(lines),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: hasLegend,
      legend: {
        ...(legendBelow
          ? { orientation: "h", x: 0, y: -axesBottom / plotHeight }
          : { x: 1, y: clamp(1 - pixelsAbove(rows[0]!) / plotHeight) }),
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

function titleLayout(lines: readonly string[]): JsonObject {
  return {
    text: lines.map(plotText).join("<br>"),
    font: { size: TITLE_SIZE, weight: 600 },
    x: 0,
    xref: "container",
    xanchor: "left",
    // Plotly moves a title of several lines up by 10 pixels.
    pad: { l: TITLE_LEFT, t: lines.length === 1 ? 14 : 24 },
    y: 1,
    yref: "container",
    yanchor: "top",
  };
}

/** Plotly's buttons are next to the first line. */
function titleRoom(line: number): number {
  return LEAST_WIDTH - TITLE_LEFT - (line === 0 ? MODEBAR : TITLE_LEFT);
}

function rightMargin(rows: readonly PanelRow[], hasLegendAtRight: boolean): number {
  const marks = marksOf(rows);
  const bar = marks.some((mark) => mark["showscale"] === true) ? 96 : 0;
  const letters = Math.max(0, ...(hasLegendAtRight ? marks.filter(isInLegend).map(legendLetters) : []));
  return Math.max(24, bar, letters === 0 ? 0 : 58 + Math.round(letters * 7.2));
}

function marksOf(rows: readonly PanelRow[]): PlotlyTrace[] {
  return rows.flatMap(({ panels }) => panels.flatMap(({ marks }) => marks));
}

function isInLegend(mark: PlotlyTrace): boolean {
  return mark["showlegend"] === true;
}

function legendLetters(mark: PlotlyTrace): number {
  return [...String(mark["name"] ?? "").replace(/&[a-z]+;/g, "x")].length;
}

export function chart({ sheet, ...composition }: Composition & { readonly sheet: Sheet }): Chart {
  return { title: composition.title, figure: compose(composition), table: sheetTable(sheet) };
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
const LETTER_WIDTHS: ReadonlyMap<string, number> = new Map(
  LETTERS.flatMap(([em, letters]) => [...letters].map((letter) => [letter, em] as const)),
);
/** East Asian scripts and emoji are as wide as they are high. */
const FULL_WIDTH = /[\u1100-\u11ff\u2e80-\ua4ff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|[\u{1f000}-\u{3ffff}]/u;
/** A space where a line may break: `layer 1`, `× 1.99`, `2 min 5 s`, `1.31 → 0.51` and `−0.03 to −0.02` stay whole. */
const BREAK = /(?<!×) (?!\(?[\d→−+<>]|to [\d−+]|(?:ms|s|min|h)\b)/;

export function boldWidth(text: string, size: number): number {
  return [...text].reduce((sum, letter) => sum + letterWidth(letter), 0) * size;
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
      line = shortenedTo(word, fits);
    }
  }
  next();
  return lines;
}

function shortenedTo(word: string, fits: (text: string) => boolean): string {
  let limit = [...word].length;
  while (limit > 3 && !fits(shorten(word, limit))) limit--;
  return shorten(word, limit);
}

function letterWidth(letter: string): number {
  return LETTER_WIDTHS.get(letter) ?? (FULL_WIDTH.test(letter) ? 1.05 : 0.8);
}
