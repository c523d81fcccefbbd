/** Formats numbers for text, rounded: `12%`, `1,234 rows`, `1.5 GB`; tables have full precision. */
import { dayMillis } from "./epoch.js";

const GAP = "–";

/** `1,234`: a whole number, grouped by thousands. Loading Node's own formats takes each process 14 ms. */
export function grouped(value: number): string {
  return Number.isSafeInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, ",") : value.toLocaleString("en-US");
}

/** `1 row`, `1,234 rows`; pass an irregular plural: `count(2, "entry", "entries")`. */
export function count(amount: number, noun: string, plural: string = `${noun}s`): string {
  return `${grouped(amount)} ${amount === 1 ? noun : plural}`;
}

export function clipped(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** `0.7123`, `−0.012`, `0.000`, with a fixed number of digits after the point; `–` for a missing number. */
export function fixed(value: number | null | undefined, digits = 3): string {
  return isKnown(value)
    ? value
        .toFixed(digits)
        .replace(/^-(?=[0.]*$)/, "")
        .replace("-", "−")
    : GAP;
}

/** `+0.012`, `−0.012`, `0.000`; `–` for a missing number. */
export function signed(value: number | null | undefined, digits = 3): string {
  const text = fixed(value, digits);
  return /[1-9]/.test(text) && !text.startsWith("−") ? `+${text}` : text;
}

/** ` (0.712 to 0.740)`; empty without an interval. */
export function ends(
  interval: { readonly low?: number | null; readonly high?: number | null } | undefined,
  format: (value: number) => string = fixed,
): string {
  const { low = null, high = null } = interval ?? {};
  return low === null || high === null ? "" : ` (${format(low)} to ${format(high)})`;
}

/** `12%` for 0.12, one digit below 10%. Nonzero shares are never 0%, incomplete ones never 100%: `<0.1%`, `>99%`. */
export function percent(fraction: number | null | undefined, digits?: number): string {
  if (!isKnown(fraction)) return GAP;
  const value = fraction * 100;
  const places = digits ?? (value !== 0 && Math.abs(value) < 10 ? 1 : 0);
  const text = value.toFixed(places);
  const step = 10 ** -places;
  if (value > 0 && Number(text) === 0) return `<${step.toFixed(places)}%`;
  if (value < 100 && Number(text) === 100) return `>${(100 - step).toFixed(places)}%`;
  return `${text.replace("-", "−")}%`;
}

const SIZES = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `12 bytes`, `340 MB`, `1.5 GB`: decimal units, three significant digits. */
export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (unit < SIZES.length - 1 && value >= 999.5) {
    value /= 1000;
    unit++;
  }
  return `${grouped(Number(value < 999.5 ? value.toPrecision(3) : Math.round(value)))} ${unit === 0 && bytes === 1 ? "byte" : SIZES[unit]}`;
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

const mostLevels = 100;

/** `JSON.parse` with a nesting limit. @throws Error if the text is invalid JSON or has more than 100 levels */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isDeeper(value, mostLevels)) throw new Error(`nested more than ${mostLevels} levels deep`);
  return value;
}

/** Whether a tree exceeds a number of levels. Does not recurse, so any depth is safe. */
export function isDeeper(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== "object" || each === null) continue;
      for (const child of Object.values(each)) if (typeof child === "object" && child !== null) next.push(child);
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Control characters but tab and line end, characters that change the direction of text, and noncharacters. */
const obeyed = /\r(?!\n)|(?![\t\r\n])\p{Cc}|[\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** Replaces such characters by escapes (`\u001b`), which JSON, JavaScript and Python parse to the same characters. */
export function visible(text: string): string {
  return text.replace(obeyed, unicodeEscape);
}

export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The escaped text on one line, so that a name cannot imitate a further line of the message. */
export function visibleLine(text: string): string {
  return visible(text).replace(/\r?\n/g, (end) => (end === "\n" ? "\\n" : "\\r\\n"));
}

/** Escaped text; all lines but the first are indented, so that a name cannot imitate another message. */
export function visibleBlock(text: string): string {
  return visible(text).replace(/\n(?=\S)/g, "\n    ");
}

/** `2024-01-31 18:00:00`, with a fraction if it has one; a day is shown without a time. */
export function timeText(time: Date, isDay: boolean): string {
  const text = time
    .toISOString()
    .replace("T", " ")
    .replace("Z", "")
    .replace(/\.000$/, "");
  return isDay ? text.slice(0, 10) : text;
}

/** For a time in UTC, or a missing one. */
export function isMidnight(milliseconds: number | null): boolean {
  return milliseconds === null || milliseconds % dayMillis === 0;
}
