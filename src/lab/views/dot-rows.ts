/** Dots in rows: one value with its interval per row, its name and number at the left, and levels to compare with. */

import type { JsonObject } from "../../core/util/json.js";
import { type Panel, rowNames } from "./compose.js";
import { dots, rule } from "./lines.js";
import { words } from "./mark.js";
import {
  finite,
  isLeftOut,
  type LeftOut,
  type LegendEntry,
  leftOutText,
  type Markup,
  plotText,
  rounded,
  shortenAll,
} from "./theme.js";
import type { PlotlyTrace } from "./view.js";

const FEW_ROWS = 25;
const MOST_DOMAINS = 12;

export interface DotRow {
  readonly name: string;
  readonly value: number | null;
  /** Ends of the interval; `null`: none. */
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
  readonly color: string;
  /** Drawn larger: the total of the other rows. */
  readonly main?: boolean;
  /** Drawn as an outline: not beyond noise. */
  readonly hollow?: boolean;
  readonly printed: string;
  readonly hover: Markup;
  readonly call?: string | null;
}

export interface DotLevel {
  readonly legend: LegendEntry;
  readonly values: readonly (number | null)[];
  readonly symbol: "line-ns" | "diamond-open";
  readonly color: string;
  readonly hover: readonly Markup[];
  readonly calls?: readonly string[] | undefined;
}

export interface DotRows {
  readonly title?: string | undefined;
  readonly rows: readonly (DotRow | LeftOut)[];
  readonly levels?: readonly DotLevel[];
  readonly reference?: number | undefined;
  readonly axis: JsonObject;
  readonly letters?: number;
}

/** The rows of domains: if there are more than `most`, those with the largest and the smallest values, the largest first. */
export function domainRows<Row>(
  rows: readonly Row[],
  value: (row: Row) => number | null,
  most: number = MOST_DOMAINS,
): readonly (Row | LeftOut)[] {
  if (rows.length <= most) return rows;
  const sorted = rows.filter((row) => value(row) !== null).sort((a, b) => value(b)! - value(a)!);
  const top = sorted.slice(0, Math.ceil(most / 2));
  const bottom = sorted.slice(top.length).slice(-Math.floor(most / 2));
  return [...top, { leftOut: rows.length - top.length - bottom.length }, ...bottom];
}

/** The largest number of rows that {@link domainRows} returns for this many domains. */
export function domainRowCount(domains: number, most: number = MOST_DOMAINS): number {
  return domains <= most ? domains : most + 1;
}

export function dotRowsHeight(rows: number): number {
  return Math.max(70, rows * (rows > FEW_ROWS ? 14 : 24));
}

export function dotRowsPanel({ title, rows, levels = [], reference, axis, letters = 24 }: DotRows): Panel {
  const colours = [...new Set(rows.flatMap((row) => (isLeftOut(row) ? [] : [row.color])))];
  const bottom = Math.max(1, rows.length) - 0.5;
  const marks = [
    ...(reference === undefined ? [] : [rule({ from: [reference, -0.5], to: [reference, bottom] })]),
    ...levels.map((level) => levelMark(level, rows.length)),
    ...colours.flatMap((color) => rowMarks(rows, color)),
    ...gapWords(rows, reference),
  ];
  return { title, marks, xaxis: { nticks: 3, ...axis }, ...numberedNames(rows, letters) };
}

/** `under 25 0.733`: names with their numbers, as ticks; an en space, since pictures draw several spaces as one. */
function numberedNames(rows: readonly (DotRow | LeftOut)[], letters: number): Pick<Panel, "yaxis" | "left"> {
  const all = rows.map((row) => (isLeftOut(row) ? leftOutText(row) : row.name));
  const short = shortenAll(all, letters);
  const names = rows.map((row, at) =>
    isLeftOut(row) || row.printed === "" ? short[at]! : `${short[at]!}\u2002${row.printed}`,
  );
  const longest = Math.max(0, ...names.map((name) => [...name].length));
  const { yaxis, left } = rowNames(names, { letters: longest });
  return { yaxis: { ...yaxis, ticktext: names.map(plotText) }, left };
}

interface PlacedRow {
  readonly row: DotRow;
  readonly at: number;
}

function placesOf(rows: readonly (DotRow | LeftOut)[]): PlacedRow[] {
  return rows.flatMap((row, at) => (isLeftOut(row) ? [] : [{ row, at }]));
}

function rowMarks(rows: readonly (DotRow | LeftOut)[], color: string): PlotlyTrace[] {
  const size = rows.length > FEW_ROWS ? 6 : 8;
  const all = placesOf(rows);
  return [true, false].flatMap((main) => {
    const alike = all.filter(({ row }) => {
      return row.color === color && (row.main ?? false) === main && finite(row.value) !== null;
    });
    if (alike.length === 0) return [];
    const pick = <Value>(value: (row: DotRow) => Value): Value[] => alike.map(({ row }) => value(row));
    return [
      dots({
        x: pick(({ value }) => rounded(value!)),
        y: alike.map(({ at }) => at),
        color,
        size: main ? size + 2 : size,
        symbol: pick(({ hollow = false }) => (hollow ? "circle-open" : "circle")),
        outline: { color, width: 1.5 },
        whiskersX: {
          low: pick(({ low }) => finite(low)),
          high: pick(({ high }) => finite(high)),
          color,
          thickness: main ? 2.5 : 1.5,
        },
        hover: pick(({ hover }) => hover),
        calls: all.some(({ row: { call } }) => call != null) ? pick(({ call = null }) => call) : undefined,
      }),
    ];
  });
}

function levelMark({ values, symbol, color, legend, hover, calls }: DotLevel, rows: number): PlotlyTrace {
  const size = symbol === "line-ns" ? (rows > FEW_ROWS ? 8 : 16) : 7;
  const outline = { color, width: symbol === "line-ns" ? 2.5 : 1.5 };
  return dots({ x: values.map(finite), y: [...values.keys()], color, symbol, size, outline, legend, hover, calls });
}

/** A dash for a value that is not defined, at the reference or in the middle of the others. */
function gapWords(rows: readonly (DotRow | LeftOut)[], reference: number | undefined): PlotlyTrace[] {
  const all = placesOf(rows);
  const gaps = all.filter(({ row }) => finite(row.value) === null);
  const values = all.flatMap(({ row }) => finite(row.value) ?? []);
  if (gaps.length === 0 || (values.length === 0 && reference === undefined)) return [];
  const x = reference ?? rounded((Math.min(...values) + Math.max(...values)) / 2);
  const hover = gaps.map(({ row }) => row.hover);
  return [words({ x: gaps.map(() => x), y: gaps.map(({ at }) => at), texts: gaps.map(() => "–"), hover })];
}
