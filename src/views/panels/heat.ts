/**
 * A heat map of names × names: one hover text per cell, numbers in the cells if they fit, and gaps with their reason.
 */

import type { JsonObject } from "../../util/json.js";
import { dashes } from "../marks/mark.js";
import { cells, cellTexts } from "../marks/points.js";
import { type ColourScale, type Markup, markup } from "../theme.js";
import { columnNames, rowNames } from "./axes.js";
import type { Panel } from "./compose.js";

/** With more columns, cells are too narrow for numbers. */
const CELL_TEXT_COLUMNS = 10;

/** The content of a heat map. */
export interface HeatMap {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [rows, columns]; `null` is a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Values of the scale's two ends. */
  readonly range: readonly [number, number];
  readonly scale: ColourScale;
  /** Title, ticks etc. of the colour bar; `null`: none, since another panel has it. */
  readonly bar: JsonObject | null;
  readonly cell: (row: number, column: number) => string;
  readonly hover: (row: number, column: number) => Markup;
  /** The code that looks into a cell. Default: none. */
  readonly call?: ((row: number, column: number) => string | null) | undefined;
  /** The reason of gaps, for hover texts. */
  readonly gap: string;
  /** `false`: the panel on the left names the rows. Default: true. */
  readonly named?: boolean;
  /** Largest number of letters of a row's name. Default: 24. */
  readonly letters?: number | undefined;
}

/** Pixels for a heat map's axes on the narrowest page, after the names on both sides. */
export interface HeatSize {
  readonly width: number;
  readonly height: number;
}

/** The axes of a heat map. If names do not fit, only every second or third is shown. */
export function heatPanel(map: HeatMap, { width, height }: HeatSize): Panel {
  const { title, rows, columns, values, range, scale, bar, named, letters } = map;
  const each = <Value>(of: (row: number, column: number) => Value): Value[][] =>
    rows.map((_, r) => columns.map((__, c) => of(r, c)));
  const isGap = (row: number, column: number): boolean => (values[row]?.[column] ?? null) === null;
  const fits = columns.length <= CELL_TEXT_COLUMNS;
  const heat = cells({
    values: each((r, c) => values[r]?.[c] ?? null),
    range,
    scale,
    bar,
    hover: each(map.hover),
    calls: map.call && each(map.call),
  });
  const gaps = each((r, c) => ({ r, c }))
    .flat()
    .filter(({ r, c }) => isGap(r, c));
  return {
    title,
    marks: [
      heat,
      ...(fits
        ? cellTexts({ values: each((r, c) => values[r]?.[c] ?? null), range, scale, texts: each(map.cell) })
        : []),
      ...dashes(
        gaps.map(({ c }) => c),
        gaps.map(({ r }) => r),
        gaps.map(({ r, c }) => markup`${map.hover(r, c)}: ${map.gap}`),
      ),
    ],
    ...columnNames(columns, width),
    ...rowNames(rows, { named, height, letters }),
  };
}
