/**
 * Panels to one figure. A notebook shows one output a cell, so charts that belong together share a figure:
 * panels in rows, one title, one legend at the right. Heights are pixels; widths are shares of the page, laid
 * out for a narrow notebook so that nothing runs into its neighbour there; on wider pages there is more air.
 */
import type { Json, JsonObject } from "../util/json.js";
import type { Figure, PlotlyTrace } from "./figure.js";
import { label, plotText } from "./text.js";
import { AXIS, BUTTON, CONFIG, FONT, FONT_SIZE, INK, LEAST_WIDTH, MODEBAR, TITLE_SIZE } from "./theme.js";
import { titleLines } from "./title.js";

/** One pair of axes with its traces. */
export interface Panel {
  /** Above the axes; escaped by the composer, and shortened where it would reach the next panel's. */
  readonly title?: string | undefined;
  /** Without `xaxis` and `yaxis`: the composer numbers them. */
  readonly traces: readonly PlotlyTrace[];
  readonly xaxis: JsonObject;
  readonly yaxis: JsonObject;
  /** Pixels that tick labels and axis title need at the left (64) and below (44). */
  readonly left?: number;
  readonly below?: number;
}

/** Panels side by side. */
export interface PanelRow {
  /** Of the axes, in pixels. */
  readonly height: number;
  readonly panels: readonly Panel[];
  /** Relative widths; equal where left out. More widths than panels leave the row's end empty. */
  readonly widths?: readonly number[];
}

export interface Composition {
  /** What is seen; escaped and wrapped by the composer. */
  readonly title: string;
  readonly rows: readonly PanelRow[];
  /** The row whose top the legend stands at (0). */
  readonly legendRow?: number;
  readonly layout?: JsonObject;
}

const PANEL_TITLE = 26;
/** Width of a letter of a panel's title. */
const PANEL_LETTER = (FONT_SIZE + 1) * 0.6;
const LINE = TITLE_SIZE * 1.3;
const TITLE_LEFT = 12;

/** Lays panels out as one figure. */
export function compose({ title, rows, legendRow = 0, layout = {} }: Composition): Figure {
  const lines = titleLines(title, TITLE_SIZE, titleRoom);
  const top = 18 + lines.length * LINE;
  const right = rightMargin(rows);
  const left = Math.max(...rows.map((row) => row.panels[0]?.left ?? 64));
  const bottom = below(rows.at(-1)) + 4;
  const plotHeight = rows.reduce(
    (sum, row, r) => sum + rowTop(row) + row.height + (r < rows.length - 1 ? below(row) : 0),
    0,
  );
  const plotWidth = LEAST_WIDTH - left - right;
  const placed = place(rows, { left, right, plotWidth, plotHeight });
  return {
    data: placed.traces,
    layout: {
      height: Math.round(top + plotHeight + bottom),
      autosize: true,
      margin: { l: left, r: right, t: Math.round(top), b: bottom, pad: 0 },
      font: { family: FONT, size: FONT_SIZE, color: INK },
      title: {
        text: lines.map(plotText).join("<br>"),
        font: { size: TITLE_SIZE, weight: 600 },
        x: 0,
        xref: "container",
        xanchor: "left",
        // Plotly lifts a title of several lines by 10 pixels.
        pad: { l: TITLE_LEFT, t: lines.length === 1 ? 14 : 24 },
        y: 1,
        yref: "container",
        yanchor: "top",
      },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: placed.traces.some((trace) => trace["showlegend"] === true),
      legend: {
        x: 1,
        xanchor: "left",
        y: placed.tops[legendRow] ?? 1,
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

/** Pixels of the area of all axes, and of the margins beside it. */
interface Frame {
  readonly left: number;
  readonly right: number;
  readonly plotWidth: number;
  readonly plotHeight: number;
}

function place(
  rows: readonly PanelRow[],
  frame: Frame,
): { traces: PlotlyTrace[]; axes: Record<string, Json>; titles: Json[]; tops: number[] } {
  const { plotHeight } = frame;
  const traces: PlotlyTrace[] = [];
  const axes: Record<string, Json> = {};
  const titles: Json[] = [];
  const tops: number[] = [];
  let number = 0;
  let y = 0;
  for (const row of rows) {
    y += rowTop(row);
    const [low, high] = [clamp(1 - (y + row.height) / plotHeight), clamp(1 - y / plotHeight)];
    tops.push(high);
    for (const { panel, from, to, room } of columns(row, frame)) {
      number++;
      const suffix = number === 1 ? "" : String(number);
      const xDomain: Json = [from, to];
      axes[`xaxis${suffix}`] = { ...AXIS, automargin: false, ...panel.xaxis, domain: xDomain, anchor: `y${suffix}` };
      axes[`yaxis${suffix}`] = {
        ...AXIS,
        automargin: false,
        ...panel.yaxis,
        domain: [low, high],
        anchor: `x${suffix}`,
      };
      for (const trace of panel.traces) {
        traces.push({
          showlegend: false,
          ...trace,
          ...colourBar(trace, low, high),
          xaxis: `x${suffix}`,
          yaxis: `y${suffix}`,
        });
      }
      if (panel.title !== undefined) titles.push(panelTitle(panel.title, from, high, room));
    }
    y += row.height + below(row);
  }
  return { traces, axes, titles, tops };
}

/** A colour bar stands beside its own row, not beside the whole figure. */
function colourBar(trace: PlotlyTrace, low: number, high: number): JsonObject {
  if (trace["showscale"] !== true) return {};
  const bar = { x: 1, xanchor: "left", y: (low + high) / 2, len: high - low, thickness: 14, outlinewidth: 0, ypad: 0 };
  return { colorbar: { ...bar, ...(trace["colorbar"] as JsonObject) } };
}

interface Column {
  readonly panel: Panel;
  readonly from: number;
  readonly to: number;
  /** Pixels for the panel's title: to where the next panel's begins, or to the page's edge. */
  readonly room: number;
}

function columns(row: PanelRow, { left, right, plotWidth }: Frame): Column[] {
  const widths = row.widths ?? row.panels.map(() => 1);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const gaps = widths.map((_, p) => {
    const wanted = row.panels[p]?.left ?? 64;
    return p === 0 ? Math.max(0, wanted - left) : wanted + 8;
  });
  const free = plotWidth - gaps.reduce((sum, gap) => sum + gap, 0);
  let x = 0;
  return row.panels.map((panel, p) => {
    x += gaps[p] as number;
    const from = x;
    x += (free * (widths[p] as number)) / total;
    const room = (p < widths.length - 1 ? x + (gaps[p + 1] as number) : plotWidth + right) - from - 8;
    return { panel, from: clamp(from / plotWidth), to: clamp(x / plotWidth), room };
  });
}

function panelTitle(text: string, x: number, y: number, room: number): JsonObject {
  return {
    text: label(text, Math.floor(room / PANEL_LETTER)),
    x,
    y,
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "bottom",
    yshift: 4,
    showarrow: false,
    font: { size: FONT_SIZE + 1 },
  };
}

function rowTop(row: PanelRow): number {
  return row.panels.some((panel) => panel.title !== undefined) ? PANEL_TITLE : 6;
}

function below(row: PanelRow | undefined): number {
  return Math.max(0, ...(row?.panels.map((panel) => panel.below ?? 44) ?? []));
}

/** Room for the legend or a colour bar: 12-pixel letters are about 7 wide. */
function rightMargin(rows: readonly PanelRow[]): number {
  let letters = 0;
  let bar = 0;
  for (const trace of rows.flatMap((row) => row.panels).flatMap((panel) => panel.traces)) {
    if (trace["showscale"] === true) bar = 96;
    if (trace["showlegend"] === true) letters = Math.max(letters, legendLetters(trace["name"]));
  }
  return Math.max(24, bar, letters === 0 ? 0 : 58 + Math.round(letters * 7.2));
}

function legendLetters(name: Json | undefined): number {
  return [...String(name ?? "").replace(/&[a-z]+;/g, "x")].length;
}

/** Beside the first line stand Plotly's buttons. */
function titleRoom(line: number): number {
  return LEAST_WIDTH - TITLE_LEFT - (line === 0 ? MODEBAR : TITLE_LEFT);
}

function clamp(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1e6) / 1e6;
}
