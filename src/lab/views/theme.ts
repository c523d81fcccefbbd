/**
 * The look of figures: fonts, colours, and names that are escaped and shortened. Figures have no background, so that
 * the page's shows.
 */

import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import type { JsonObject } from "../../core/util/json.js";
import { count, visible } from "../../core/util/text.js";

export const BUTTON = "rgba(118,118,118,0.55)";
/** Fonts of Chinese names come after those of Latin letters, whose shapes they would replace. */
export const FONT =
  "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
export const FONT_SIZE = 12;
export const TITLE_SIZE = 14;
/** Smallest supported width in pixels: JupyterLab's output on a small laptop with the file browser open. */
export const LEAST_WIDTH = 660;
/** Width in pixels of the Plotly buttons that CONFIG keeps, at the top right. */
export const MODEBAR = 128;

/**
 * The `config` of every figure: no MathJax (a name may hold `$`), few buttons, only on hover, and none that uploads it.
 */
export const CONFIG: JsonObject = {
  responsive: true,
  displaylogo: false,
  typesetMath: false,
  displayModeBar: "hover",
  showSendToCloud: false,
  modeBarButtonsToRemove: ["zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
};

/** Marks for all rows; also text on pages that do not set its colour. */
export const INK = "#767676";
/** Marks that are neither a domain nor better or worse. */
export const PLAIN = "#64748b";
/** Each of many marks, whose names are in hover texts and the table. */
export const ONE_OF_MANY = "#8a8a8a";
export const BETTER = "#00857a";
export const WORSE = "#b5482f";
/** Gates and what feeds them, on the diagram of a model. */
export const GATES = "#5f8a1f";
export const GRID = "rgba(128,128,128,0.22)";

const PALETTE = ["#0072b2", "#d17a00", "#8f4fd1", "#d6336c", "#8a7b52", "#c678b0", "#4b93d4"] as const;
/** Tasks, whose colours no domain has. */
export const TASKS: readonly string[] = [PLAIN, "#a0522d", "#2f8f6b", "#9a7b1c"];

export const MAX_COLOURS: number = PALETTE.length;

export type ColourScale = readonly (readonly [number, string])[];

/** Diverging: rust (less, or worse) through near-white to teal (more, or better); safe for the colour-blind. */
export const DIVERGING: ColourScale = [
  [0, "#9c3a24"],
  [0.25, "#e0a48f"],
  [0.5, "#f7f7f7"],
  [0.75, "#8ccdc4"],
  [1, "#00746a"],
];

/** The colour of category `index` among `total`: of the palette, or grey if there are too many to tell apart. */
export function colour(index: number, total: number): string {
  return total <= PALETTE.length ? PALETTE[index % PALETTE.length]! : ONE_OF_MANY;
}

/** A translucent colour: a trace's `opacity` leaves smudges on dark pages. */
export function faded(hex: string, alpha: number): string {
  return `rgba(${channels(hex).join(",")},${alpha})`;
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

export const AXIS: JsonObject = {
  gridcolor: GRID,
  linecolor: GRID,
  zerolinecolor: GRID,
  ticks: "outside",
  tickcolor: GRID,
  ticklen: 4,
  zeroline: false,
};

function mix(from: string, to: string, share: number): string {
  const ends = channels(to);
  const shades = channels(from).map((low, at) => Math.round(low + (ends[at]! - low) * share));
  return `#${Buffer.from(shades).toString("hex")}`;
}

export function scaleColour(scale: ColourScale, share: number): string {
  const at = Math.min(1, Math.max(0, share));
  const above = scale.findIndex(([stop], index) => index > 0 && !(stop < at));
  const [[low, from], [high, to]] = [scale[above - 1]!, scale[above]!];
  return mix(from, to, (at - low) / (high - low));
}

/** Black or white: what is readable on a colour. A contrast of at least 4.5:1 on any background. */
export function inkOn(hex: string): string {
  // Relative luminance (WCAG 2).
  const [red, green, blue] = channels(hex).map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.179 ? "#000000" : "#ffffff";
}

/** How far beyond the values an axis goes for their intervals, in spans of the values. */
const FARTHEST = 0.5;

/** The value, or `null` for a gap, NaN or infinity. */
export function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}

/** Rounded to six digits after the point. */
export function rounded(value: number): number {
  // JSON has no −0.
  return Math.round(value * 1e6) / 1e6 + 0;
}

export function tidy(value: number | null | undefined): number | null {
  const number = finite(value);
  return number === null ? null : rounded(number);
}

/** The range of an axis of values with intervals, with some room; far ends of intervals do not set it. */
export function rangeOf(
  intervals: readonly Partial<Interval>[],
  also: readonly number[] = [],
): readonly [number, number] {
  const values = [...also, ...intervals.flatMap(({ value }) => finite(value) ?? [])];
  if (values.length === 0) return [0, 1];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const reach = FARTHEST * Math.max(1e-4, most - least);
  const ends = [...values, ...intervals.flatMap(({ low, high }) => [low, high].flatMap((end) => finite(end) ?? []))];
  const [low, high] = [Math.max(Math.min(...ends), least - reach), Math.min(Math.max(...ends), most + reach)];
  const room = Math.max(1e-4, (high - low) * 0.06);
  return [rounded(low - room), rounded(high + room)];
}

export function highest<Item>(items: readonly Item[], value: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>((a, b) => (a === undefined || value(b) > value(a) ? b : a), undefined);
}

/** The `most` items with the largest values, in their order. */
export function largestOf<Item>(items: readonly Item[], value: (item: Item) => number, most: number): readonly Item[] {
  if (items.length <= most) return items;
  const largest = new Set([...items].sort((a, b) => value(b) - value(a)).slice(0, most));
  return items.filter((item) => largest.has(item));
}

/** A place where some of many items are left out. */
export interface LeftOut {
  readonly leftOut: number;
}

export function isLeftOut(item: unknown): item is LeftOut {
  return typeof item === "object" && item !== null && "leftOut" in item;
}

export function leftOutText({ leftOut }: LeftOut): string {
  return `… ${leftOut} more …`;
}

const TITLE_LETTERS = 30;

/** Escapes a name for Plotly, so that `<b>` and `%{…}` are shown literally, and removes control characters. */
export function plotText(name: string): string {
  return visible(name).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/%\{/g, "%&#123;");
}

/** Text in Plotly's markup whose names are escaped; {@link markup} makes it. */
export interface Markup {
  readonly escaped: string;
}

/** Plotly's markup with every value escaped: markup`${domain}<br>step %{x:,}`, where the name may hold `<b>`. */
export function markup(parts: TemplateStringsArray, ...values: readonly (string | number | Markup)[]): Markup {
  return { escaped: String.raw({ raw: parts }, ...values.map(escapeValue)) };
}

export function markupLines(lines: readonly (string | Markup)[]): Markup {
  return { escaped: lines.map(escapeValue).join("<br>") };
}

function escapeValue(value: string | number | Markup): string {
  return typeof value === "object" ? value.escaped : plotText(String(value));
}

const MOST_LINES = 3;

/** Lines of at most `letters`, broken at spaces, or else after an underscore; `null`: more than three. */
export function wrapped(text: string, letters: number): string[] | null {
  const lines: string[] = [];
  let line = "";
  const add = (piece: string): void => {
    if ([...`${line}${piece}`.trimEnd()].length > letters && line !== "") {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  };
  for (const word of text.split(/(?<= )(?!\d)/)) {
    for (const piece of [...word.trimEnd()].length > letters ? word.split(/(?<=_)/) : [word]) add(piece);
  }
  lines.push(line.trimEnd());
  return lines.length > MOST_LINES || lines.some((each) => [...each].length > letters) ? null : lines;
}

/** Shortens one name: an ellipsis replaces the middle. Names of a family are shortened by `shortenAll`. */
export function shorten(name: string, limit = 22): string {
  return shortenAll([name], limit)[0]!;
}

export function label(name: string, limit?: number): string {
  return plotText(shorten(name, limit));
}

export function sentence(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join("; ");
}

/** Of the sentences of several tasks, those that a title has: never the same one for each of many tasks. */
export function firstTasks(parts: readonly string[]): readonly string[] {
  return parts.length <= 2 ? parts : [parts[0]!, `${parts.length - 1} more tasks below`];
}

/** A name within a title; `among`: the names from which it must differ. */
export function inTitle(name: string, among: readonly string[] = []): string {
  const index = among.indexOf(name);
  return index < 0 ? shorten(name, TITLE_LETTERS) : shortenAll(among, TITLE_LETTERS)[index]!;
}

export interface LegendEntry {
  readonly name: string;
  /** Marks of one group are hidden and shown together. */
  readonly group?: string | undefined;
  readonly inLegend?: boolean | undefined;
  readonly letters?: number | undefined;
}

export interface Member {
  readonly color: string;
  readonly width: number;
  readonly legend: LegendEntry;
}

export interface Family {
  readonly few: boolean;
  readonly member: (index: number, inLegend?: boolean) => Member;
}

export interface FamilyOptions {
  /** The noun for a member, such as `domain`. */
  readonly noun: string;
  /** Largest number of members with separate colours. Default: {@link MAX_COLOURS}. */
  readonly apart?: number;
  readonly width?: number;
}

export function family(names: readonly string[], options: FamilyOptions): Family {
  const { noun, apart = MAX_COLOURS, width = 1.75 } = options;
  const few = names.length <= apart;
  const short = shortenAll(names);
  return {
    few,
    member(index, inLegend = true) {
      if (few) {
        const legend = { name: short[index] ?? "", group: `${noun} ${index}`, inLegend };
        return { color: colour(index, names.length), width, legend };
      }
      const legend = {
        name: `each of ${count(names.length, noun)}`,
        group: `${noun}s`,
        inLegend: inLegend && index === 0,
      };
      return { color: ONE_OF_MANY, width: 1, legend };
    },
  };
}

/**
 * Names of at most `limit` letters, as different as the full names: what they have in common is cut, what differs
 * stays.
 */
export function shortenAll(names: readonly string[], limit = 22): string[] {
  const apart = (short: readonly string[], cut: typeof fromDifference): string[] =>
    short.map((name, index) => {
      const twins = names.filter((full, other) => other !== index && short[other] === name && full !== names[index]);
      return twins.length === 0 ? name : cut(names[index]!, twins, limit);
    });
  const short = names.map((name) => shortenAmong(name, names, limit));
  return apart(apart(short, withBeginning), fromDifference);
}

function shortenAmong(name: string, names: readonly string[], limit: number): string {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const similar = names.filter((other) => other !== name && isSimilar(letters, [...other]));
  const spans = similar.map((other) => difference(letters, [...other]));
  if (spans.length === 0) return middleCut(letters, limit);
  const at = Math.min(...spans.map((span) => span.from));
  let start = at;
  while (start > 0 && at - start < 6 && /[\p{L}\p{N}]/u.test(letters[start - 1]!)) start--;
  const from = at - start < 6 ? start : at;
  const to = Math.max(from + 1, ...spans.map((span) => span.to));
  const most = from + limit - 2;
  let end = to;
  while (end < Math.min(letters.length, most) && /[\p{L}\p{N}]/u.test(letters[end]!)) end++;
  return around(letters, from, Math.min(end, most), limit);
}

/**
 * The letters from `from` to `to` with their word, and the beginning of the name and what follows, as far as they fit.
 */
function around(letters: readonly string[], from: number, to: number, limit: number): string {
  const [text, rest] = [letters.join(""), letters.length - from];
  if (to < limit) return letters.length <= limit ? text : `${letters.slice(0, limit - 1).join("")}…`;
  if (rest < limit) return `${nameHead(letters, limit - 1 - rest)}…${letters.slice(from).join("")}`;
  const middle = letters.slice(from, to).join("");
  return `${nameHead(letters, limit - 2 - (to - from))}…${middle}…`;
}

/** The beginning of a name; a letter or two say nothing. */
function nameHead(letters: readonly string[], length: number): string {
  return length < 3 ? "" : letters.slice(0, length).join("").trimEnd();
}

/** As much of the beginning as fits, then the words that distinguish it from all similar names: `PPNet click…layer 1`. */
function withBeginning(name: string, twins: readonly string[], limit: number): string {
  const letters = [...name];
  const at = Math.max(...twins.map((twin) => commonStart(letters, [...twin])));
  const words = [
    ...letters
      .slice(0, at)
      .join("")
      .matchAll(/[\p{L}\p{N}]+/gu),
  ].slice(-2);
  const start = words.find(({ 0: word, index }) => at - index < limit / 2 && word.length > 0)?.index ?? at;
  const rest = letters.slice([...name.slice(0, start)].length).join("");
  const room = limit - 1 - [...rest].length;
  return room < 4 ? fromDifference(name, twins, limit) : `${nameHead(letters, room)}…${rest}`;
}

/** The part from the first letter that differs from all similar names. */
function fromDifference(name: string, twins: readonly string[], limit: number): string {
  const letters = [...name];
  const at = Math.max(...twins.map((twin) => commonStart(letters, [...twin])));
  const rest = letters.slice(at, at + limit - 2).join("");
  return `…${rest}${at + limit - 2 < letters.length ? "…" : ""}`;
}

function difference(letters: readonly string[], other: readonly string[]): { from: number; to: number } {
  const from = commonStart(letters, other);
  const least = Math.min(letters.length, other.length) - from;
  const end = Math.min(least, commonStart([...letters].reverse(), [...other].reverse()));
  return { from, to: letters.length - end };
}

/** Whether two names would look alike when cut: they share a third of their letters at the ends. */
function isSimilar(letters: readonly string[], other: readonly string[]): boolean {
  const { from, to } = difference(letters, other);
  return from + letters.length - to >= letters.length / 3;
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((letter, index) => letter !== other[index]);
  return differs < 0 ? one.length : differs;
}

/** Of a name that was cut before, what follows its ellipsis sets it apart and stays. */
function middleCut(letters: readonly string[], limit: number): string {
  const cut = letters.indexOf("…");
  const rest = letters.slice(cut);
  if (cut >= 0 && rest.length > 1) {
    return rest.length <= limit ? rest.join("") : `${rest.slice(0, limit - 1).join("")}…`;
  }
  const head = Math.ceil((limit - 1) / 2);
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (limit - 1 - head)).join("")}`;
}
