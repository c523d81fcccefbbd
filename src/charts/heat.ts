/** A heat map of names × names: one hover text a cell, numbers in the cells while they fit, and gaps that say so. */
import type { Json, JsonObject } from "../util/json.js";
import type { Panel } from "./compose.js";
import type { PlotlyTrace } from "./figure.js";
import { label } from "./text.js";
import { INK } from "./theme.js";
import { nameTicks } from "./ticks.js";

/** Cells of more columns are too narrow for a number. */
const CELL_TEXT_COLUMNS = 10;
/** Smaller cells touch each other: the lines between them would outshine them. */
const GAPLESS = 24;
/** Pixels from one row's name to the next. */
const LINE = 14;
/** Letters of a row's name. */
const ROW_NAME = 24;

/** What a heat map shows. Names are plain; hover texts are escaped by who makes them. */
export interface HeatMap {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [rows, columns]; `null` is a gap. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Values of the scale's two ends. */
  readonly range: readonly [number, number];
  readonly colorscale: Json;
  /** Title, ticks and the like of the colour bar; `null`: none, where another panel's serves. */
  readonly colorbar: JsonObject | null;
  readonly cell: (row: number, column: number) => string;
  readonly hover: (row: number, column: number) => string;
  /** Why there is no value, for a gap's hover text. */
  readonly gap: string;
  /** `false`: the panel at the left names the rows. Default: true. */
  readonly named?: boolean;
}

/** Pixels of a heat map's axes on the narrowest page: what the names at both sides have. */
export interface HeatSize {
  readonly width: number;
  readonly height: number;
}

/** The axes of a heat map. Names that do not fit are left out, every second or third. */
export function heatPanel(map: HeatMap, { width, height }: HeatSize): Panel {
  const ticks = nameTicks(map.columns, width);
  const step = Math.ceil((map.rows.length * LINE) / height);
  const named = map.rows.map((name, r) => ({ name, r })).filter(({ r }) => r % step === 0);
  return {
    title: map.title,
    traces: [cells(map), ...gapMarks(map)],
    xaxis: ticks.axis,
    yaxis: {
      tickvals: named.map(({ r }) => r),
      ticktext: named.map(({ name }) => label(name, ROW_NAME)),
      range: [Math.max(1, map.rows.length) - 0.5, -0.5],
      showgrid: false,
      showticklabels: map.named !== false,
    },
    left: map.named === false ? 16 : rowNamesWidth(map.rows),
    below: ticks.below,
  };
}

/** Pixels that names at the left of rows need, cut as they are there. */
export function rowNamesWidth(names: readonly string[], limit: number = ROW_NAME): number {
  const longest = Math.max(5, ...names.map((name) => Math.min(limit, [...name].length)));
  return 24 + Math.round(longest * 7.4);
}

function cells({ rows, columns, values, range, colorscale, colorbar, cell, hover }: HeatMap): PlotlyTrace {
  const each = <Value>(of: (row: number, column: number) => Value): Value[][] =>
    rows.map((_, r) => columns.map((_, c) => of(r, c)));
  return {
    type: "heatmap",
    z: each((r, c) => values[r]?.[c] ?? null),
    zmin: range[0],
    zmax: range[1],
    colorscale,
    showscale: colorbar !== null,
    ...(colorbar === null ? {} : { colorbar }),
    xgap: columns.length > GAPLESS ? 0 : 1,
    ygap: rows.length > GAPLESS ? 0 : 1,
    hoverongaps: false,
    ...(columns.length <= CELL_TEXT_COLUMNS
      ? { text: each((r, c) => ((values[r]?.[c] ?? null) === null ? "" : cell(r, c))), texttemplate: "%{text}" }
      : {}),
    customdata: each(hover),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

/** A dash where there is no value. */
function gapMarks({ rows, columns, values, hover, gap }: HeatMap): PlotlyTrace[] {
  const gaps = rows.flatMap((_, r) => columns.flatMap((_, c) => ((values[r]?.[c] ?? null) === null ? [[r, c]] : [])));
  if (gaps.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "text",
      x: gaps.map(([, c]) => c as number),
      y: gaps.map(([r]) => r as number),
      text: gaps.map(() => "–"),
      textfont: { color: INK },
      showlegend: false,
      customdata: gaps.map(([r, c]) => `${hover(r as number, c as number)}: ${gap}`),
      hovertemplate: "%{customdata}<extra></extra>",
    },
  ];
}
