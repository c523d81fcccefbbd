/** Axes of values, steps and names, panels in rows, and heat maps of names × names. */
import type { Json, JsonObject } from "../util/random.js";
import { emptyPanel, type Panel, type PanelRow } from "./compose.js";
import { type CellsOptions, cells, cellTexts } from "./lines.js";
import { words } from "./mark.js";
import { type Markup, markup, plotText, shortenAll } from "./theme.js";
import type { PlotlyTrace } from "./view.js";

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
  const places = [...names.keys()].filter((row) => row % step === 0);
  const short = shortenAll(names, letters);
  const yaxis: Record<string, Json> = {
    tickvals: places,
    ticktext: places.map((row) => plotText(short[row]!)),
    range: [Math.max(1, names.length) - 0.5, -0.5],
    showgrid: false,
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
/** Slanted names extend to the left, so they are shortened more than flat ones. */
const LIMIT = 18;
const SLANTED_LIMIT = 14;

/** An x axis of names at 0, 1, …, and the pixels below it: flat if they fit on `width` pixels, else slanted. */
export function columnNames(names: readonly string[], width: number): Pick<Panel, "xaxis"> & { below: number } {
  const flat = longest(names, LIMIT) + 1;
  if (flat * LETTER * names.length <= width) return { xaxis: nameTicks(names, LIMIT, 0, 1), below: 36 };
  const step = Math.ceil((names.length * PITCH) / width);
  const angle = step > 1 ? 60 : 40;
  const reach = longest(names, SLANTED_LIMIT) * LETTER * Math.sin((angle * Math.PI) / 180);
  return { xaxis: nameTicks(names, SLANTED_LIMIT, -angle, step), below: 24 + Math.round(reach) };
}

function nameTicks(names: readonly string[], limit: number, angle: number, step: number): JsonObject {
  const places = [...names.keys()].filter((n) => n % step === 0);
  const short = shortenAll(names, limit);
  return {
    tickvals: places,
    ticktext: places.map((n) => plotText(short[n]!)),
    tickangle: angle,
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

export function panelRows(panels: readonly Panel[], { across, height, empty }: RowsOptions): PanelRow[] {
  if (panels.length === 0) return [{ height: 60, panels: [emptyPanel(empty)] }];
  const widths = panels.length > across ? Array<number>(across).fill(1) : undefined;
  return Array.from({ length: Math.ceil(panels.length / across) }, (_, row) => ({
    height,
    panels: panels.slice(row * across, (row + 1) * across),
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
  /** Pixels of the axes on the narrowest page, after the names on both sides. */
  readonly width: number;
  readonly height: number;
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
  const { title, rows, columns, range, scale, bar, width, height } = map;
  const each = <Value>(of: (row: number, column: number) => Value): Value[][] =>
    rows.map((_, r) => columns.map((__, c) => of(r, c)));
  const values = each((r, c) => map.values[r]?.[c] ?? null);
  const fits = columns.length <= CELL_TEXT_COLUMNS;
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
    ...columnNames(columns, width),
    ...rowNames(rows, { height }),
  };
}
