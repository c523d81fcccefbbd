/**
 * Replaces the times of two outputs, at the places that the new run's output names (`port/times-mime.ts`). A saved value
 * there is ignored only if it has the form of a time; the saved output cannot name places.
 */
import type { TimePlaces } from "../port/index.js";
import { isObject } from "../util/json.js";

/** Reports an ignored value. */
type Ignore = (where: string, recorded: string, now: string) => void;

type Span = readonly [from: number, to: number];

const number = String.raw`\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?`;
const duration = String.raw`(?:${number} (?:ms|s|min|h|days?)(?: \d+ (?:s|min|h))?|unknown time)`;
/** A duration, an interval of durations, a rate, or a number of seconds. */
const time = `(?:${duration}(?: to ${duration})?|${number}(?: rows/s)?|–)`;
const timeMark = "⏱";
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A cell can show any value under the library's type, so the places are checked; null if there are none. */
function readPlaces(value: unknown): TimePlaces | null {
  if (!isObject(value)) return null;
  const isCount = (item: unknown): boolean => Number.isSafeInteger(item) && (item as number) >= 0;
  const isPair = (item: unknown): boolean => Array.isArray(item) && item.length === 2 && item.every(isCount);
  const { title = [], columns = [], cells = [] } = value;
  const isValid =
    Array.isArray(title) &&
    title.every(isPair) &&
    Array.isArray(columns) &&
    Array.isArray(cells) &&
    cells.every(isPair);
  return isValid ? ({ title, columns, cells } as unknown as TimePlaces) : null;
}

/** Returns both texts without times; unchanged (the same strings in a new list) if nothing is marked. */
export function maskText(
  form: "text/html" | "text/plain",
  recorded: string,
  now: string,
  places: unknown,
  ignore: Ignore,
): readonly [string, string] {
  const marked = readPlaces(places);
  if (marked === null) return [recorded, now];
  const tableCells = form === "text/html" ? htmlCells : textCells;
  const titleStart = (text: string): number => (form === "text/html" ? captionStart(text) : 0);
  const pairs: { where: string; spans: readonly [Span, Span] }[] = titlePairs(
    recorded,
    now,
    titleStart(recorded),
    titleStart(now),
    marked.title ?? [],
  ).map((spans) => ({ where: "title", spans }));
  const [old, fresh] = [tableCells(recorded), tableCells(now)];
  const isTime = (text: string): boolean => new RegExp(`^${time}$`).test(text);
  for (const [row, cells] of fresh.entries()) {
    for (const [column, span] of cells.entries()) {
      const isMarked =
        marked.columns?.includes(column) || marked.cells?.some(([r, c]) => r === row && c === column) || false;
      const other = old[row]?.[column];
      if (!isMarked || !other || !isTime(recorded.slice(...other)) || !isTime(now.slice(...span))) continue;
      pairs.push({ where: `row ${row + 1}, column ${column + 1}`, spans: [other, span] });
    }
  }
  for (const { where, spans } of pairs) {
    const [a, b] = [recorded.slice(...spans[0]), now.slice(...spans[1])];
    if (a !== b) ignore(where, a, b);
  }
  return [
    blank(
      recorded,
      pairs.map(({ spans }) => spans[0]),
    ),
    blank(
      now,
      pairs.map(({ spans }) => spans[1]),
    ),
  ];
}

/**
 * Returns both figures without the times of their titles, and without the channel of their clicks
 * (`layout.meta.clicks`), which is new in each run.
 */
export function maskFigure(
  recorded: unknown,
  now: unknown,
  places: unknown,
  ignore: Ignore,
): readonly [unknown, unknown] {
  const [old, fresh] = [structuredClone(recorded), structuredClone(now)];
  const [oldTitle, freshTitle] = [titleOf(old), titleOf(fresh)];
  const ranges = readPlaces(places)?.title;
  if (ranges && oldTitle && freshTitle) {
    // Titles wrap at other words if their times are longer.
    const [a, b] = [oldTitle, freshTitle].map(({ text }) => text.replaceAll("<br>", " ")) as [string, string];
    const pairs = titlePairs(a, b, 0, 0, ranges);
    if (pairs.length > 0) {
      for (const [x, y] of pairs)
        if (a.slice(...x) !== b.slice(...y)) ignore("layout.title.text", a.slice(...x), b.slice(...y));
      oldTitle.text = blank(
        a,
        pairs.map(([x]) => x),
      );
      freshTitle.text = blank(
        b,
        pairs.map(([, y]) => y),
      );
    }
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
    else if (x !== y && where.endsWith("layout.meta.clicks") && uuid.test(x) && uuid.test(y)) {
      ignore(where, x, y);
      a[key] = y;
    }
  }
}

/**
 * The times of two titles that start at these positions. The saved title must match the new one but for times; its
 * numbers are compared later.
 */
function titlePairs(
  recorded: string,
  now: string,
  recordedStart: number,
  nowStart: number,
  ranges: readonly Span[],
): (readonly [Span, Span])[] {
  if (ranges.length === 0) return [];
  let end = nowStart;
  const pattern = ranges.map(([from, to]) => {
    const before = now.slice(end, nowStart + from);
    end = nowStart + to;
    return `${before.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\d[\d,]*/g, String.raw`\d[\d,]*`)}(${time})`;
  });
  const match = new RegExp(`${pattern.join("")}(?![\\p{L}\\d])`, "duy");
  match.lastIndex = recordedStart;
  const spans = match.exec(recorded)?.indices?.slice(1) as Span[] | undefined;
  return (spans ?? []).map((span, index): readonly [Span, Span] => {
    const [from, to] = ranges[index]!;
    return [span, [nowStart + from, nowStart + to]];
  });
}

function blank(text: string, spans: readonly Span[]): string {
  return [...spans]
    .sort(([a], [b]) => b - a)
    .reduce((rest, [from, to]) => `${rest.slice(0, from)}${timeMark}${rest.slice(to)}`, text);
}

/** Places of the cells below the first rule (`────  ───`), without their padding, by row and column. */
function textCells(text: string): Span[][] {
  const lines = text.split("\n");
  const rule = lines.findIndex((line) => /^─+(?: {2}─+)*$/.test(line));
  if (rule < 0) return [];
  const columns = [...lines[rule]!.matchAll(/─+/g)].map(({ index, 0: { length } }) => [index, index + length] as const);
  const rows: Span[][] = [];
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

/** Places of the contents of `td` elements by row and column. */
function htmlCells(html: string): Span[][] {
  return [...html.matchAll(/<tr>(?:<td\b.*?<\/td>)+<\/tr>/gs)].map((row) =>
    [...row[0].matchAll(/(<td\b[^>]*>)(.*?)<\/td>/gs)].map(({ index, 1: open, 2: content }): Span => {
      const from = row.index + index + open!.length;
      return [from, from + content!.length];
    }),
  );
}

function captionStart(html: string): number {
  const match = /<caption\b[^>]*>/.exec(html);
  return match === null ? 0 : match.index + match[0].length;
}
