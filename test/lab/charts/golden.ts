/**
 * What is kept of charts in `golden/`: JSON with a line per trace (per row of a heat map), per part of the layout and per
 * row of the table, so that a change of one mark is one line of a diff; and a line for every chart in `summary.txt`.
 */
import path from "node:path";
import type { Json, JsonObject } from "../../../src/core/util/json.js";
import type { Chart, Figure, PlotlyTrace } from "../../../src/lab/views/view.js";

const folder = path.join(__dirname, "golden");

/** Parts that are the same in every figure; `theme.json` has them, and the other goldens leave them out. */
const themeParts = ["autosize", "font", "hoverlabel", "modebar", "paper_bgcolor", "plot_bgcolor"];
const themeOfAxes = ["automargin", "gridcolor", "linecolor", "tickcolor", "ticklen"];
/** Rows of a table that are kept from its start and from its end. */
const [firstRows, lastRows] = [6, 2];
/** Significant digits of fractions. Whole numbers are kept in full. */
const digits = 4;

/** What every figure has. */
export interface Theme {
  readonly config: JsonObject;
  readonly layout: JsonObject;
  readonly axis: JsonObject;
}

export function goldenFile(name: string): string {
  return path.join(folder, name);
}

export function themeOf({ config, layout }: Figure): Theme {
  return { config, layout: picked(layout, themeParts), axis: picked(layout["xaxis"] as JsonObject, themeOfAxes) };
}

/** Parts of a figure that are not as in the theme, by name. */
export function themeFaults({ config, layout }: Figure, theme: Theme): string[] {
  const differing = (part: JsonObject, of: JsonObject, name: string): string[] =>
    Object.keys(of)
      .filter((key) => line(part[key] ?? null) !== line(of[key]!))
      .map((key) => `${name}.${key}`);
  const axes = Object.entries(layout).filter(([key]) => isAxis(key));
  return [
    ...differing(config, theme.config, "config"),
    ...differing(layout, theme.layout, "layout"),
    ...axes.flatMap(([key, axis]) => differing(axis as JsonObject, theme.axis, key)),
  ];
}

export function themeText({ config, layout, axis }: Theme): string {
  return `{"config":${line(config)},\n"layout":${lines(layout)},\n"axis":${lines(axis)}}\n`;
}

/** The golden of a chart. A part of the theme that the chart lacks or has otherwise is in it. */
export function chartText({ title, figure, table }: Chart, theme: Theme): string {
  const layout = Object.entries(without(figure.layout, theme.layout))
    .sort(byKey)
    .map(([key, part]) => `${line(key)}:${partText(isAxis(key) ? without(part as JsonObject, theme.axis) : part)}`);
  const rows = table.rows as readonly Json[];
  const kept =
    rows.length > firstRows + lastRows
      ? [...rows.slice(0, firstRows), `… ${rows.length - firstRows - lastRows} rows`, ...rows.slice(-lastRows)]
      : rows;
  return [
    `{"title":${line(title)},`,
    `"layout":{\n${layout.join(",\n")}},`,
    `"data":[\n${figure.data.map(traceText).join(",\n")}],`,
    `"table":{"caption":${line(table.caption ?? null)},"columns":${line(table.columns as unknown as Json)},`,
    `"rows":${lines(kept)}}}\n`,
  ].join("\n");
}

/** The figure that a golden's text holds. */
export function figureFrom(text: string, theme: Theme): Figure {
  const { layout, data } = JSON.parse(text) as Figure;
  const parts = Object.entries(layout).map(([key, part]) =>
    isAxis(key) ? [key, { ...theme.axis, ...(part as JsonObject) }] : [key, part],
  );
  return { data, config: theme.config, layout: { ...theme.layout, ...Object.fromEntries(parts) } };
}

/** A line: what the chart says, its panels, titles and names of their axes, marks by kind, legend and table. */
export function summaryLine(name: string, { title, figure, table }: Chart): string {
  const { layout, data } = figure;
  const axes = Object.keys(layout).filter((key) => key.startsWith("xaxis"));
  const titles = (layout["annotations"] as readonly { readonly text: string }[]).map(({ text }) => text);
  const legend = data.filter(({ showlegend }) => showlegend === true).map((trace) => String(trace["name"]));
  const named = Object.entries(layout).flatMap(([key, axis]) => (isAxis(key) ? [axis as JsonObject] : []));
  return [
    `${name}: ${title}`,
    `${layout["height"]} px, panels ${axes.length}: ${titles.join(" / ")}`,
    `axes: ${distinct(named.map(axisTitle)).join(" / ")}`,
    `names: ${distinct(named.map(endNames)).join(" / ")}`,
    marksText(data),
    `legend: ${legend.join(" / ")}`,
    `table ${table.rows.length} × ${table.columns.length}`,
  ].join(" | ");
}

/** `2 line of 48 points, 1 text "–"`: traces by mode, and the texts of few words. */
function marksText(data: readonly PlotlyTrace[]): string {
  const kinds = new Map<string, PlotlyTrace[]>();
  for (const trace of data) {
    const kind = String(trace["mode"] ?? trace["type"]);
    kinds.set(kind, [...(kinds.get(kind) ?? []), trace]);
  }
  return [...kinds]
    .map(([kind, traces]) => {
      const points = traces.flatMap(({ x, y, z }) => ((z ?? x ?? y) as readonly Json[]).flat());
      const words = traces.flatMap(({ mode, text }) => (mode === "text" ? (text as readonly string[]) : []));
      const few = words.length > 0 && words.length <= 2 ? ` ${line(words)}` : "";
      return `${traces.length} ${kind} of ${points.length}${few}`;
    })
    .join(", ");
}

function axisTitle(axis: JsonObject): string {
  return (axis["title"] as { readonly text: string } | undefined)?.text ?? "";
}

/** The first and the last name along an axis: which of many are drawn, and in which order. */
function endNames({ ticktext }: JsonObject): string {
  const names = (ticktext ?? []) as readonly string[];
  return names.length < 2 ? names.join() : `${names[0]} … ${names.at(-1)} (${names.length})`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== "");
}

function isAxis(key: string): boolean {
  return /^[xy]axis\d*$/.test(key);
}

function picked(of: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, of[key] ?? null]));
}

/** Without what is as in the theme; what is missing there is `null`. */
function without(part: JsonObject, theme: JsonObject): JsonObject {
  const missing = Object.keys(theme).filter((key) => !(key in part));
  const own = Object.entries(part).filter(([key, value]) => !(key in theme) || line(value) !== line(theme[key]!));
  return Object.fromEntries([...own, ...missing.map((key): [string, Json] => [key, null])]);
}

/** A line per member. */
function lines(of: readonly Json[] | JsonObject): string {
  if (Array.isArray(of)) return of.length === 0 ? "[]" : `[\n${of.map(line).join(",\n")}]`;
  const parts = Object.entries(of)
    .sort(byKey)
    .map(([key, value]) => `${line(key)}:${line(value)}`);
  return `{\n${parts.join(",\n")}}`;
}

/** A line; the rows of a heat map's cells have a line each. */
function traceText(trace: PlotlyTrace): string {
  if (trace["type"] !== "heatmap") return line(trace);
  const fields = Object.entries(trace).sort(byKey);
  const text = (key: string, value: Json) =>
    /^(customdata|z)$/.test(key) ? lines(value as readonly Json[]) : line(value);
  return `{${fields.map(([key, value]) => `${line(key)}:${text(key, value)}`).join(",")}}`;
}

/** A line; for a list of objects, such as annotations, a line each. */
function partText(part: Json): string {
  const isList = Array.isArray(part) && typeof part[0] === "object";
  return isList ? lines(part as readonly Json[]) : line(part);
}

/** JSON on one line, whose objects have their keys in alphabetical order. */
function line(value: Json): string {
  return JSON.stringify(value, (_, each: Json) => {
    if (typeof each === "number" && !Number.isInteger(each)) return Number(each.toPrecision(digits));
    return typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(byKey))
      : each;
  });
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
