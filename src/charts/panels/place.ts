/** Positions of panels in a figure, as shares of the total area of axes. */
import type { Json, JsonObject } from "../../util/json.js";
import type { PlotlyTrace } from "../figure.js";
import { AXIS, FONT_SIZE, label } from "../theme/index.js";
import type { Panel, PanelRow } from "./panel.js";

const PANEL_TITLE = 26;
/** Pixels of names that a title begins above. */
const LONG_NAMES = 90;
/** Width of a letter of a panel's title. */
const PANEL_LETTER = (FONT_SIZE + 1) * 0.6;

/** Pixels of the total area of axes, and of its margins. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly plotWidth: number;
  readonly plotHeight: number;
}

/** Marks on their axes, the axes, the panels' titles, and the top of each row. */
export interface PlacedPanels {
  readonly marks: readonly PlotlyTrace[];
  readonly axes: JsonObject;
  readonly titles: readonly Json[];
  readonly tops: readonly number[];
}

/** Places the panels, and numbers their axes. */
export function placePanels(rows: readonly PanelRow[], frame: Frame): PlacedPanels {
  const marks: PlotlyTrace[] = [];
  const axes: Record<string, Json> = {};
  const titles: Json[] = [];
  const tops: number[] = [];
  let number = 0;
  let y = 0;
  for (const row of rows) {
    y += pixelsAbove(row);
    const low = clamp(1 - (y + row.height) / frame.plotHeight);
    const high = clamp(1 - y / frame.plotHeight);
    tops.push(high);
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
  return { marks, axes, titles, tops };
}

/** Pixels above a row's axes. */
export function pixelsAbove(row: PanelRow): number {
  return row.panels.some((panel) => panel.title !== undefined) ? PANEL_TITLE : 6;
}

/** Pixels below a row's axes. */
export function pixelsBelow(row: PanelRow | undefined): number {
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

interface Column {
  readonly panel: Panel;
  readonly from: number;
  readonly to: number;
  /** Pixels for the panel's title: up to the next panel's title or the page's edge. */
  readonly room: number;
}

function columns(row: PanelRow, { left, right, plotWidth }: Frame): Column[] {
  const widths = row.widths ?? row.panels.map(() => 1);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const gaps = widths.map((_, p) => {
    const space = row.panels[p]?.left ?? 64;
    return p === 0 ? Math.max(0, space - left) : space + 8;
  });
  const free = plotWidth - gaps.reduce((sum, gap) => sum + gap, 0);
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
  return {
    text: label(title, Math.floor((room + shift) / PANEL_LETTER)),
    xshift: 0 - shift,
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

function clamp(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1e6) / 1e6;
}
