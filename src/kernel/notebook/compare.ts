/** Compares outputs with a new run's: all but the measured values that the new outputs mark, which are reported as ignored. */
import { cacheLine, figureMime, plotlyMime, type TimePlaces, timesMime } from "../../core/port/notebook.js";
import { isObject } from "../../core/util/json.js";
import type { LetterRange } from "../../core/util/measured.js";
import * as is from "../../core/util/shape.js";
import { framesMime, unpackedFrames } from "../../lab/render/frames.js";
import { compareJson, compareText, type Found, short } from "./compare-values.js";
import { joinLines, type Multiline, type Output, ownMetadata } from "./format.js";
import { modelsOfView, widgetViewType } from "./widgets.js";

type Ignore = (where: string, recorded: string, now: string) => void;

const number = String.raw`\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?`;
/** The formats of measured values. In place of one, only a value of the same kind or a gap is ignored, and no other text. */
const measuredKinds = [
  String.raw`${number} (?:ms|s|min|h|days?)(?: \d+ (?:s|min|h))?|unknown time`,
  `${number} (?:bytes?|[kMGT]B)`,
  `${number} rows/s`,
  String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`,
  "yes|no",
  number,
];
const gap = "–";
const measuredMark = "⏱";
const channel = /^[0-9a-f-]{32,36}$/;

function counts<T>(length: number): is.Shape {
  return is.optional(
    is.listOf(
      is.plain<T>(`${length} counts`, (value) => {
        return Array.isArray(value) && value.length === length && value.every((item) => is.fits(item, is.count));
      }),
    ),
  );
}

/** A cell can show any value under the library's type. */
const placesShape = is.object({
  title: counts(2),
  columns: is.optional(is.plain("a list", Array.isArray)),
  cells: counts(4),
}) as is.Shape as is.Shape<TimePlaces>;

/** Returns both texts without measured values; unchanged (the same strings in a new list) if nothing is marked. */
function maskText(
  form: "text/html" | "text/plain",
  recorded: string,
  now: string,
  places: unknown,
  ignore: Ignore,
): readonly [string, string] {
  if (!is.fits(places, placesShape)) return [recorded, now];
  const isHtml = form === "text/html";
  const tableCells = isHtml ? htmlCells : textCells;
  const titleStart = (text: string): number => (isHtml ? captionStart(text) : 0);
  const inForm = (at: number, range: LetterRange) => (isHtml ? escapedRange(now, at, range) : range);
  const [start, newStart] = [titleStart(recorded), titleStart(now)];
  const titles = (places.title ?? []).map((range) => inForm(newStart, range));
  const pairs = valuePairs([recorded, now], [start, newStart], titles, "title");
  const [old, fresh] = [tableCells(recorded), tableCells(now)];
  for (const [row, cells] of fresh.entries()) {
    for (const [column, [from, to]] of cells.entries()) {
      const other = old[row]?.[column];
      const marks = (places.cells ?? []).flatMap(([r, c, ...range]) => (r === row && c === column ? [range] : []));
      const ranges = places.columns?.includes(column)
        ? [[0, to - from] as const]
        : marks.map((range) => inForm(from, range));
      if (other === undefined) continue;
      const where = `row ${row + 1}, column ${column + 1}`;
      const inCell = valuePairs([recorded, now], [other[0], from], ranges, where);
      const isWhole = inCell.every(({ ranges: [a] }) => a[1] <= other[1]);
      if (isWhole) pairs.push(...inCell);
    }
  }
  return withoutValues(recorded, now, pairs, ignore);
}

/** The places of a measured value in the recorded text and the new one. */
interface ValuePair {
  readonly where: string;
  readonly ranges: readonly [LetterRange, LetterRange];
}

function withoutValues(recorded: string, now: string, pairs: readonly ValuePair[], ignore: Ignore): [string, string] {
  for (const { where, ranges } of pairs) {
    const [a, b] = [recorded.slice(...ranges[0]), now.slice(...ranges[1])];
    if (a !== b) ignore(where, a, b);
  }
  const blanked = (text: string, side: 0 | 1) =>
    pairs
      .map(({ ranges }) => ranges[side])
      .sort(([a], [b]) => b - a)
      .reduce((rest, [from, to]) => `${rest.slice(0, from)}${measuredMark}${rest.slice(to)}`, text);
  return [blanked(recorded, 0), blanked(now, 1)];
}

/** Returns figures without their titles' measured values and their clicks' channel (`layout.meta.clicks`), new in each run. */
function maskFigure(recorded: unknown, now: unknown, places: unknown, ignore: Ignore): readonly [unknown, unknown] {
  const [old, fresh] = [structuredClone(recorded), structuredClone(now)];
  const [oldTitle, freshTitle] = [titleOf(old), titleOf(fresh)];
  const ranges = is.fits(places, placesShape) ? places.title : undefined;
  if (ranges && oldTitle && freshTitle) {
    // Titles wrap at other words if their values are longer.
    const [a, b] = [oldTitle, freshTitle].map(({ text }) => text.replaceAll("<br>", " ")) as [string, string];
    const shifted = ranges.map((range) => escapedRange(b, 0, range));
    const pairs = valuePairs([a, b], [0, 0], shifted, "layout.title.text");
    if (pairs.length > 0) [oldTitle.text, freshTitle.text] = withoutValues(a, b, pairs, ignore);
  }
  maskChannels(old, fresh, "", ignore);
  return [old, fresh];
}

function titleOf(figure: unknown): { text: string } | null {
  const layout = isObject(figure) ? figure["layout"] : null;
  const title = isObject(layout) ? layout["title"] : null;
  return isObject(title) && typeof title["text"] === "string" ? (title as unknown as { text: string }) : null;
}

/** Sets equal channels at the same places of both values, if both are of the form that `clickChannel` makes. */
function maskChannels(old: unknown, fresh: unknown, path: string, ignore: Ignore): void {
  if (!isObject(old) && !Array.isArray(old)) return;
  if (!isObject(fresh) && !Array.isArray(fresh)) return;
  const [a, b] = [old, fresh] as Record<string, unknown>[] as [Record<string, unknown>, Record<string, unknown>];
  for (const key of Object.keys(b)) {
    const where = `${path}${path === "" ? "" : "."}${key}`;
    const [x, y] = [a[key], b[key]];
    if (typeof x !== "string" || typeof y !== "string") maskChannels(x, y, where, ignore);
    else if (x !== y && where.endsWith("layout.meta.clicks") && channel.test(x) && channel.test(y)) {
      ignore(where, x, y);
      a[key] = y;
    }
  }
}

/**
 * The measured values at these places of the new text, and those of the recorded one. Both must match up to the last of
 * them but for the values, and for numbers, which are compared later.
 */
function valuePairs(
  [recorded, now]: readonly [string, string],
  [start, newStart]: readonly [number, number],
  ranges: readonly LetterRange[],
  where: string,
): ValuePair[] {
  if (ranges.length === 0) return [];
  const kinds = ranges.map(([from, to]) => kindOf(now.slice(newStart + from, newStart + to)));
  if (kinds.includes(null)) return [];
  let end = newStart;
  const pattern = ranges.map(([from, to], index) => {
    const before = now.slice(end, newStart + from);
    end = newStart + to;
    return `${before.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\d[\d,]*/g, String.raw`\d[\d,]*`)}(${kinds[index]})`;
  });
  const match = new RegExp(`${pattern.join("")}(?![\\p{L}\\d])`, "duy");
  match.lastIndex = start;
  const places = match.exec(recorded)?.indices?.slice(1) as LetterRange[] | undefined;
  return (places ?? []).map((place, index): ValuePair => {
    const [from, to] = ranges[index]!;
    return { where, ranges: [place, [newStart + from, newStart + to]] };
  });
}

/** The pattern of values like this one; `null`: it is no measured value. */
function kindOf(value: string): string | null {
  if (value === gap) return [...measuredKinds, gap].join("|");
  const kind = measuredKinds.find((pattern) => new RegExp(`^(?:${pattern})$`).test(value));
  return kind === undefined ? null : `${kind}|${gap}`;
}

/** The place in HTML of letters that are counted from `start` on without escapes: `&lt;` is one. */
function escapedRange(html: string, start: number, [from, to]: LetterRange): LetterRange {
  const letters = /&[#\w]+;|[\s\S]/gy;
  letters.lastIndex = start;
  const ends = [0];
  while (ends.length <= to && letters.test(html)) ends.push(letters.lastIndex - start);
  return [ends[from] ?? html.length, ends[to] ?? html.length];
}

function textCells(text: string): LetterRange[][] {
  const lines = text.split("\n");
  const rule = lines.findIndex((line) => /^─+(?: {2}─+)*$/.test(line));
  if (rule < 0) return [];
  const columns = [...lines[rule]!.matchAll(/─+/g)].map(({ index, 0: { length } }) => [index, index + length] as const);
  const rows: LetterRange[][] = [];
  let start = lines.slice(0, rule + 1).join("\n").length + 1;
  for (const line of lines.slice(rule + 1)) {
    if (line.trim() === "") break;
    rows.push(
      columns.map(([from, to]) => {
        const cell = line.slice(from, to);
        const padding = cell.length - cell.trimStart().length;
        return [start + from + padding, start + from + padding + cell.trim().length];
      }),
    );
    start += line.length + 1;
  }
  return rows;
}

function htmlCells(html: string): LetterRange[][] {
  return [...html.matchAll(/<tr>(?:<td\b.*?<\/td>)+<\/tr>/gs)].map((row) =>
    [...row[0].matchAll(/(<td\b[^>]*>)(.*?)<\/td>/gs)].map(({ index, 1: open, 2: content }): LetterRange => {
      const from = row.index + index + open!.length;
      return [from, from + content!.length];
    }),
  );
}

function captionStart(html: string): number {
  const match = /<caption\b[^>]*>/.exec(html);
  return match === null ? 0 : match.index + match[0].length;
}

export interface Difference extends Found {
  /** Number of the output in the cell, from 1; missing for a whole stream. */
  readonly output?: number;
  /** A MIME type, a stream's name, `error`, or `metadata`. */
  readonly form: string;
}

export interface IgnoredValue extends Pick<Difference, "output" | "form" | "where"> {
  readonly recorded: string;
  readonly now: string;
}

export interface Comparison {
  /** Largest accepted difference of two numbers, relative to the larger. */
  readonly tolerance: number;
  readonly onIgnored: (value: IgnoredValue) => void;
  /** Draws a figure as base64 PNG; null if that fails. */
  readonly draw: (figure: unknown) => Promise<string | null>;
  readonly widgets: {
    readonly recorded: Readonly<Record<string, unknown>>;
    readonly now: Readonly<Record<string, unknown>>;
  };
}

type Bundle = Readonly<Record<string, unknown>>;
type Shown = Exclude<Output, { output_type: "stream" }>;

/** Compares printed text by stream, since it arrives in pieces, and other outputs one by one, in order. */
export async function compareOutputs(
  recorded: readonly Output[],
  now: readonly Output[],
  comparison: Comparison,
): Promise<Difference[]> {
  const [oldText, freshText] = [printed(recorded), printed(now)];
  const differences = [...new Set([...oldText.keys(), ...freshText.keys()])].flatMap((form): Difference[] => {
    const { old, fresh } = withoutCacheLines(oldText.get(form) ?? "", freshText.get(form) ?? "", (a, b) =>
      comparison.onIgnored({ form, where: "whether a training was cached", recorded: a, now: b }),
    );
    if (old === fresh) return [];
    if (fresh === "") return [{ form, kind: "missing", recorded: short(old) }];
    if (old === "") return [{ form, kind: "unexpected", now: short(fresh) }];
    return compareText(old, fresh, comparison.tolerance).map((difference) => ({ form, ...difference }));
  });
  const [old, fresh] = [withoutStreams(recorded), withoutStreams(now)];
  for (let index = 0; index < Math.max(old.length, fresh.length); index++) {
    const [a, b] = [old[index], fresh[index]];
    const number = (a ?? b)!.number;
    const each: Difference[] = !b
      ? [{ form: outputForm(a!.output), kind: "missing", recorded: summary(a!.output) }]
      : !a
        ? [{ form: outputForm(b.output), kind: "unexpected", now: summary(b.output) }]
        : await compareOutput(a.output, b.output, {
            ...comparison,
            onIgnored: (value) => comparison.onIgnored({ output: number, ...value }),
          });
    differences.push(...each.map((difference) => ({ output: number, ...difference })));
  }
  return differences;
}

function printed(outputs: readonly Output[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const output of outputs) {
    if (output.output_type !== "stream") continue;
    texts.set(output.name, (texts.get(output.name) ?? "") + joinLines(output.text));
  }
  return texts;
}

const cacheLines = new RegExp(String.raw`^${cacheLine} \d{4}-\d\d-\d\d \d\d:\d\d\n`, "gm");

/** Whether a training was cached depends on the folder; its outputs do not. */
function withoutCacheLines(recorded: string, now: string, ignore: (recorded: string, now: string) => void) {
  const cacheText = (text: string): string => (text.match(cacheLines) ?? ["not cached"]).join("").trimEnd();
  if (cacheText(recorded) !== cacheText(now)) ignore(cacheText(recorded), cacheText(now));
  return { old: recorded.replace(cacheLines, ""), fresh: now.replace(cacheLines, "") };
}

function withoutStreams(outputs: readonly Output[]): { output: Shown; number: number }[] {
  return outputs.flatMap((output, index) => (output.output_type === "stream" ? [] : [{ output, number: index + 1 }]));
}

async function compareOutput(recorded: Shown, now: Shown, comparison: Comparison): Promise<Difference[]> {
  if (recorded.output_type === "error" || now.output_type === "error") {
    const [old, fresh] = [recorded, now].map((output) =>
      output.output_type === "error" ? [`${output.ename}: ${output.evalue}`, ...output.traceback].join("\n") : null,
    );
    if (typeof old !== "string" || typeof fresh !== "string") return [otherKind(recorded, now)];
    return compareText(old, fresh, comparison.tolerance).map((difference) => ({ form: "error", ...difference }));
  }
  if (recorded.output_type !== now.output_type) return [otherKind(recorded, now)];
  return [
    ...(await compareBundles(recorded.data, now.data, comparison)),
    ...compareJson(ownMetadata(recorded), ownMetadata(now), comparison.tolerance).map((difference) => ({
      form: "metadata",
      ...difference,
    })),
  ];
}

function otherKind(recorded: Shown, now: Shown): Difference {
  const [old, fresh] = [recorded, now].map((output) => short(`${output.output_type}: ${summary(output)}`));
  return { form: outputForm(recorded), kind: "text", recorded: old!, now: fresh! };
}

/** HTML is reported only if the text does not differ. */
async function compareBundles(recorded: Bundle, now: Bundle, comparison: Comparison): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const form of [...new Set([...Object.keys(recorded), ...Object.keys(now)])].sort()) {
    // They hold nothing to see, and earlier versions did not write them.
    if ((form === timesMime || form === figureMime) && form in now) continue;
    if (!(form in now)) differences.push({ form, kind: "missing", recorded: valueSummary(form, recorded[form]) });
    else if (!(form in recorded)) differences.push({ form, kind: "unexpected", now: valueSummary(form, now[form]) });
    else {
      const isPicture = form.startsWith("image/") && form !== "image/svg+xml";
      const each = isPicture
        ? await comparePicture(form, recorded, now, comparison)
        : compareForm(form, recorded, now, comparison);
      differences.push(...each.map((difference) => ({ form, ...difference })));
    }
  }
  const textDiffers = differences.some(({ form }) => form === "text/plain");
  return differences.filter(({ form, kind }) => !(form === "text/html" && textDiffers && kind !== "missing"));
}

/** Pictures of figures that differ within tolerance may differ, if the saved picture is what the saved figure draws. */
async function comparePicture(form: string, recorded: Bundle, now: Bundle, comparison: Comparison): Promise<Found[]> {
  const bytes = (value: unknown): string => joinLines(value as Multiline).replace(/\s/g, "");
  const [old, fresh] = [bytes(recorded[form]), bytes(now[form])];
  if (old === fresh) return [];
  const summaries = { recorded: valueSummary(form, recorded[form]), now: valueSummary(form, now[form]) };
  const [figure, other] = [recorded[plotlyMime], now[plotlyMime]];
  const isVaried =
    figure !== undefined &&
    JSON.stringify(figure) !== JSON.stringify(other) &&
    compareForm(plotlyMime, recorded, now, { ...comparison, onIgnored: () => {} }).length === 0;
  if (!isVaried || (await comparison.draw(figure)) !== old) return [{ kind: "picture", ...summaries }];
  comparison.onIgnored({ form, where: "drawn from the saved figure", ...summaries });
  return [];
}

function compareForm(form: string, recorded: Bundle, now: Bundle, comparison: Comparison): Found[] {
  const { tolerance } = comparison;
  const [old, fresh, times] = [recorded[form], now[form], now[timesMime]];
  const ignore = (where: string, a: string, b: string) => comparison.onIgnored({ form, where, recorded: a, now: b });
  if (form === widgetViewType) return compareViews(old, fresh, comparison, ignore);
  if (form === plotlyMime) return compareJson(...maskFigure(old, fresh, times, ignore), tolerance);
  if (/\bjson$/.test(form)) return compareJson(old, fresh, tolerance);
  if (form === framesMime) {
    const [a, b] = [old, fresh].map((packed) => unpackedFrames(joinLines(packed as Multiline)) ?? packed);
    return compareJson(a, b, tolerance);
  }
  const texts = [joinLines(old as Multiline), joinLines(fresh as Multiline)] as const;
  const isMarkup = form === "text/html" || form === "image/svg+xml";
  const masked = form === "text/html" || form === "text/plain" ? maskText(form, ...texts, times, ignore) : texts;
  const isLoose = masked !== texts;
  if (!isMarkup) return compareText(...masked, tolerance, isLoose);
  const [a, b] = masked.map((text) => text.replace(/(<[^>]*>)/g, "\n$1\n")) as [string, string];
  return compareText(a, b, tolerance, isLoose).map((difference) => ({
    ...difference,
    ...(difference.where === undefined ? {} : { where: difference.where.replace("line", "element") }),
  }));
}

/** Compares the states that two views show; their models' ids are new in each run. */
function compareViews(
  recorded: unknown,
  now: unknown,
  { tolerance, widgets }: Comparison,
  ignore: (where: string, recorded: string, now: string) => void,
) {
  const [old, fresh] = [modelsOfView(recorded, widgets.recorded), modelsOfView(now, widgets.now)];
  if (old === null && fresh !== null) {
    ignore("state", "not saved", `${fresh.length} models`);
    return [];
  }
  return compareJson(...maskFigure(old, fresh, undefined, ignore), tolerance, "state");
}

function outputForm(output: Shown): string {
  if (output.output_type === "error") return "error";
  const types = Object.keys(output.data).filter((type) => type !== figureMime);
  return types.find((type) => type !== "text/plain") ?? types[0] ?? output.output_type;
}

function summary(output: Shown): string {
  if (output.output_type === "error") return short(`${output.ename}: ${output.evalue}`);
  const text = joinLines(output.data["text/plain"] as Multiline | undefined);
  return short(text === "" ? Object.keys(output.data).join(", ") : text);
}

function valueSummary(form: string, value: unknown): string {
  const isLines =
    typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
  const text = isLines ? joinLines(value as Multiline) : (JSON.stringify(value) ?? "");
  return form.startsWith("image/") ? `a picture of ${text.length} letters` : short(text);
}
