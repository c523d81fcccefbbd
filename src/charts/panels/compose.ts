/** Composes panels to one figure. A notebook shows one output per cell, so related charts share a figure: panels in rows, one title, one legend on the right. Heights are in pixels; widths are shares of the page, laid out for a narrow notebook so that nothing overlaps; wider pages have more space.
 */
import type { JsonObject } from "../../util/json.js";
import type { Figure, PlotlyTrace } from "../figure.js";
import { BUTTON, CONFIG, FONT, FONT_SIZE, INK, LEAST_WIDTH, MODEBAR, plotText, TITLE_SIZE } from "../theme/index.js";
import type { PanelRow } from "./panel.js";
import { pixelsAbove, pixelsBelow, placePanels } from "./place.js";
import { titleLines } from "./title.js";

/** The parts of a figure. */
export interface Composition {
  /** The title; escaped and wrapped by the composer. */
  readonly title: string;
  readonly rows: readonly PanelRow[];
  /** The row whose top aligns with the legend. Default: 0. */
  readonly legendRow?: number | undefined;
  /** Below the panels in one line, rather than at their right. Default: false. */
  readonly legendBelow?: boolean;
  /** More of Plotly's layout. */
  readonly layout?: JsonObject | undefined;
}

const LINE = TITLE_SIZE * 1.3;
const TITLE_LEFT = 12;
/** Pixels of a legend below the panels. */
const LEGEND_LINE = 24;

/** Lays panels out as one figure. */
export function compose({ title, rows, legendRow = 0, legendBelow = false, layout = {} }: Composition): Figure {
  const lines = titleLines(title, TITLE_SIZE, titleRoom);
  const top = 18 + lines.length * LINE;
  const right = rightMargin(rows, !legendBelow);
  // Rows with longer names begin further right.
  const left = Math.min(...rows.map((row) => row.panels[0]?.left ?? 64));
  const axesBottom = pixelsBelow(rows.at(-1)) + 4;
  const last = rows.length - 1;
  const plotHeight = rows.reduce(
    (sum, row, r) => sum + pixelsAbove(row) + row.height + (r < last ? pixelsBelow(row) : 0),
    0,
  );
  const bottom = axesBottom + (legendBelow && hasLegend(rows) ? LEGEND_LINE : 0);
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
      showlegend: placed.marks.some(isInLegend),
      legend: {
        ...(legendBelow
          ? { orientation: "h", x: 0, y: -axesBottom / plotHeight }
          : { x: 1, y: placed.tops[legendRow] ?? 1 }),
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

/** Space for the legend or a colour bar: 12-pixel letters are about 7 pixels wide. */
function rightMargin(rows: readonly PanelRow[], hasLegendAtRight: boolean): number {
  const marks = rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.marks));
  const bar = marks.some((mark) => mark["showscale"] === true) ? 96 : 0;
  const letters = Math.max(0, ...(hasLegendAtRight ? marks.filter(isInLegend).map(legendLetters) : []));
  return Math.max(24, bar, letters === 0 ? 0 : 58 + Math.round(letters * 7.2));
}

function hasLegend(rows: readonly PanelRow[]): boolean {
  return rows.some(({ panels }) => panels.some(({ marks }) => marks.some(isInLegend)));
}

function isInLegend(mark: PlotlyTrace): boolean {
  return mark["showlegend"] === true;
}

function legendLetters(mark: PlotlyTrace): number {
  return [...String(mark["name"] ?? "").replace(/&[a-z]+;/g, "x")].length;
}
