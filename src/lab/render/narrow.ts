/** Lays out a figure of `compose` for a phone: stacked panels, legend and colour bars below, fewer names on axes. */

import type { Json, JsonObject } from "../../core/util/json.js";
import { label, plotText, rounded, shortenAll, wrapped } from "../views/theme.js";
import { isOfNumbers, withTicks } from "../views/ticks.js";
import type { Figure, PlotlyTrace } from "../views/view.js";

const LETTER = 6.8;

/** A trace on axes of `width` pixels. @param bars where an x axis's colour bar is, as a share of the height */
function narrowTrace(trace: PlotlyTrace, bars: ReadonlyMap<string, number>, width: number): PlotlyTrace {
  const bar = bars.get(trace["xaxis"] as string);
  const changes: Record<string, Json> = {};
  if (trace["showscale"] === true && bar !== undefined) {
    const old = trace["colorbar"] as JsonObject;
    const across = {
      orientation: "h",
      x: 0.5,
      xanchor: "center",
      y: bar,
      yanchor: "top",
      len: 0.75,
      thickness: 10,
      ypad: 2,
    };
    changes["colorbar"] = { ...old, ...across, title: { ...(old["title"] as JsonObject), side: "top" } };
  }
  const cells = trace["meta"] as { columns: number; letters: number } | undefined;
  if (cells !== undefined && cells.columns * (cells.letters + 1) * LETTER > width) changes["visible"] = false;
  return { ...trace, ...changes };
}

/** Shortens the middle of names that are compared. */
const BETWEEN = " · ";

/** Escaped names of an axis, shortened so that they differ; the number after an en space is kept whole. */
function cutNames(names: readonly string[], limit: number): string[] {
  const parts = names.map((name) => /^(.*?)(\u2002.+)?$/su.exec(name)!.slice(1));
  const sides = parts.map(([name]) => unescapePlotText(name!).split(BETWEEN));
  const all = [...new Set(sides.flat())];
  const short = shortenAll(all, sides.some(({ length }) => length > 1) ? Math.ceil(limit * 0.75) : limit);
  return sides.map((side, at) => {
    const cut = side.map((name) => short[all.indexOf(name)]!).join(BETWEEN);
    return `${plotText(cut)}${parts[at]![1] ?? ""}`;
  });
}

function unescapePlotText(text: string): string {
  return text
    .replace(/%&#123;/g, "%{")
    .replace(/&gt;/g, ">")
    .replace(/&lt;/g, "<")
    .replace(/&amp;/g, "&");
}

function letters(text: string): number {
  return [...unescapePlotText(text)].length;
}

function cut(text: string, limit: number): string {
  return label(unescapePlotText(text), limit);
}

/** Width in CSS pixels of a narrow figure: a phone of 360 less its margins. */
export const NARROW_WIDTH = 328;

const FONT = 11;
const NAME_LETTERS = 14;
const TITLE = 24;
const TITLE_LINE = 15;
const TITLE_LETTERS = Math.floor(NARROW_WIDTH / (LETTER + 0.8));
const BAR = 62;
/** The width of a number along an axis, in pixels. */
const TICK = 34;
const RIGHT = 12;

type Panel = ReturnType<typeof readPanel>;

/** The figure, laid out for {@link NARROW_WIDTH}; its title is left to the page, whose text wraps. */
export function narrowFigure(figure: Figure): Figure {
  const { title: _, ...layout } = figure.layout;
  const { height, margin } = layout as { height: number; margin: { t: number; b: number } };
  const wideHeight = height - margin.t - margin.b;
  const keys = Object.keys(layout).filter((key) => /^xaxis\d*$/.test(key));
  const suffixes = keys.map((key) => key.slice(5)).sort((a, b) => Number(a || 1) - Number(b || 1));
  const left = Math.max(...suffixes.map((suffix) => namesWidth(layout[`yaxis${suffix}`] as JsonObject)), 40);
  const width = NARROW_WIDTH - left - RIGHT;
  const panels = suffixes.map((suffix) => readPanel(figure, suffix, wideHeight, width));
  const plotHeight = panels.reduce((sum, panel, p) => sum + extent(panel, p === panels.length - 1), 0);
  const last = panels.at(-1);
  const under = last === undefined ? 0 : last.below + (last.hasBar ? BAR : 0);
  const legend = legendHeight(figure.data, width);
  const bottom = under + legend + 6;
  const placed = place(panels, plotHeight, left);
  return {
    data: figure.data.map((trace) => narrowTrace(trace, placed.bars, width)),
    layout: {
      ...layout,
      height: Math.round(plotHeight + bottom + 4),
      // Plotly would move the axes for a legend at the page's edge.
      margin: { l: left, r: RIGHT, t: 4, b: Math.round(bottom), pad: 0, autoexpand: false },
      font: { ...(layout["font"] as JsonObject), size: FONT },
      legend: {
        ...(layout["legend"] as JsonObject),
        orientation: "h",
        xref: "container",
        x: 0,
        xanchor: "left",
        yanchor: "top",
        font: { size: FONT },
        y: -(under + 4) / Math.max(1, plotHeight),
      },
      ...placed.axes,
      annotations: placed.titles,
    },
    config: { ...figure.config, displayModeBar: false },
  };
}

function readPanel(figure: Figure, suffix: string, wideHeight: number, width: number) {
  const { layout, data } = figure;
  const [x, y] = [layout[`xaxis${suffix}`], layout[`yaxis${suffix}`]] as [JsonObject, JsonObject];
  const [low, high] = y["domain"] as [number, number];
  const [from] = x["domain"] as [number, number];
  const titles = (layout["annotations"] ?? []) as readonly JsonObject[];
  const title = titles.find((each) => each["x"] === from && each["y"] === high);
  const names = nameAxis(x["ticktext"] as string[] | undefined, x["tickvals"] as number[] | undefined, width);
  return {
    suffix,
    x,
    y,
    title: narrowTitle(panelWords(inOneLine(String(title?.["text"] ?? "")), titleText(y))),
    height: (high - low) * wideHeight,
    names,
    marks: data.filter((trace) => trace["xaxis"] === `x${suffix}`),
    below: (names?.below ?? 26) + (titleText(x) === "" ? 0 : 2 + 16 * titleText(x).split("<br>").length),
    hasBar: data.some((trace) => trace["showscale"] === true && trace["xaxis"] === `x${suffix}`),
  };
}

/** A title that was broken after a space or an underscore. */
function inOneLine(text: string): string {
  return text.replaceAll("_<br>", "_").replaceAll("<br>", " ");
}

function narrowTitle(text: string): readonly string[] {
  return text === "" ? [] : (wrapped(unescapePlotText(text), TITLE_LETTERS) ?? [text]);
}

function panelWords(name: string, measure: string): string {
  if (name === "" || measure === "") return name + measure;
  return name.toLowerCase().includes(measure.toLowerCase()) ? name : `${name}: ${measure}`;
}

/** Pixels from a panel's top to its axes. */
function above({ title }: Panel): number {
  return title.length === 0 ? 6 : TITLE + (title.length - 1) * TITLE_LINE;
}

/** Pixels from a panel's top to the next one's; of the last, to its axis. */
function extent(panel: Panel, isLast: boolean): number {
  return above(panel) + panel.height + (isLast ? 0 : panel.below + (panel.hasBar ? BAR : 0));
}

function place(panels: readonly Panel[], plotHeight: number, left: number) {
  const axes: Record<string, Json> = {};
  const titles: Json[] = [];
  const bars = new Map<string, number>();
  const names = cutNames(
    panels.map(({ title }) => title.join(" ")),
    TITLE_LETTERS,
  );
  const width = NARROW_WIDTH - left - RIGHT;
  let top = 0;
  panels.forEach((panel, p) => {
    const start = top + above(panel);
    const share = (pixels: number): number => Math.round((1 - pixels / plotHeight) * 1e6) / 1e6;
    const domain = [Math.max(0, share(start + panel.height)), Math.min(1, share(start))];
    const wide = { ...panel.x, ...shortTitle(panel.x, left), ...panel.names?.axis };
    const nticks = Math.max(2, Math.min(5, Math.floor(width / TICK), Number(panel.x["nticks"] ?? 5)));
    const axis = isOfNumbers(wide) ? withTicks({ ...wide, nticks }, panel.marks, "x") : wide;
    axes[`xaxis${panel.suffix}`] = { ...axis, ...namesRoom(panel, width), domain: [0, 1] };
    axes[`yaxis${panel.suffix}`] = { ...panel.y, ...shortNames(panel.y), domain };
    const text = panel.title.length > 1 ? panel.title.map(plotText).join("<br>") : names[p]!;
    if (panel.title.length > 0) titles.push(panelTitle(text, domain[1]!, left));
    bars.set(`x${panel.suffix}`, share(start + panel.height + panel.below));
    top += extent(panel, p === panels.length - 1);
  });
  return { axes, titles, bars };
}

/** The range with room for the names at the ends of lines. */
function namesRoom({ x, marks }: Panel, width: number): JsonObject {
  const ends = marks.filter((mark) => mark["mode"] === "text" && mark["cliponaxis"] === false);
  const [from, to] = (x["range"] ?? []) as readonly number[];
  if (ends.length === 0 || from === undefined || to === undefined) return {};
  const longest = Math.max(...ends.flatMap((mark) => (mark["text"] as readonly string[]).map(letters)));
  const last = Math.max(...ends.flatMap((mark) => mark["x"] as readonly number[]));
  const share = Math.max(0.4, 1 - (longest * LETTER) / width);
  return { range: [from, Math.max(to, rounded(from + (last - from) / share))] };
}

function panelTitle(text: string, y: number, left: number): JsonObject {
  const across = { x: 0, xref: "paper", xanchor: "left", xshift: 4 - left };
  const up = { y, yref: "paper", yanchor: "bottom", yshift: 4 };
  const several: JsonObject = text.includes("<br>") ? { align: "left" } : {};
  return { ...across, ...up, text, ...several, showarrow: false, font: { size: FONT + 1 } };
}

/** Flat names if they fit, else steep, every second or third. */
function nameAxis(names: string[] | undefined, places: number[] | undefined, width: number) {
  if (names === undefined || places === undefined) return null;
  const longest = Math.max(1, ...names.map(letters));
  if ((longest + 1) * LETTER * names.length <= width) return { axis: { tickangle: 0 }, below: 28 };
  const step = Math.ceil((names.length * 15) / width);
  const isLabelled = (_: unknown, n: number): boolean => n % step === 0;
  const axis = { tickangle: -60, ticktext: names.filter(isLabelled), tickvals: places.filter(isLabelled) };
  return { axis, below: 24 + Math.round(longest * LETTER * 0.87) };
}

function shortTitle(axis: JsonObject, left: number): JsonObject {
  if (titleText(axis) === "") return {};
  const limit = Math.floor((NARROW_WIDTH - left - RIGHT) / LETTER);
  const lines = titleText(axis).split("<br>");
  const text = lines.map((line) => cut(line, limit)).join("<br>");
  return { title: { ...(axis["title"] as JsonObject), text } };
}

/** Names on the left, including those that a panel had left to its neighbour. */
function shortNames(axis: JsonObject): JsonObject {
  const names = axis["ticktext"] as string[] | undefined;
  if (names === undefined) return { title: { text: "" } };
  return { showticklabels: true, ticktext: cutNames(names, NAME_LETTERS) };
}

function namesWidth(axis: JsonObject): number {
  const names = axis["ticktext"] as string[] | undefined;
  if (names === undefined) return 42;
  return 14 + Math.round(Math.max(...cutNames(names, NAME_LETTERS).map(letters), 3) * LETTER);
}

function legendHeight(data: readonly PlotlyTrace[], width: number): number {
  const names = data.filter((trace) => trace["showlegend"] === true).map((trace) => String(trace["name"] ?? ""));
  if (names.length === 0) return 0;
  const column = 48 + Math.max(...names.map(letters)) * LETTER;
  return Math.ceil(names.length / Math.max(1, Math.floor(width / column))) * 20 + 8;
}

function titleText(axis: JsonObject): string {
  return String((axis["title"] as JsonObject | undefined)?.["text"] ?? "");
}
