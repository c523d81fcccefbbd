/**
 * Compares texts: numbers within a tolerance, without times, spaces and column widths; of file paths only the name,
 * since folders differ between machines.
 */
import { type Comparison, type Difference, defaultTolerance, relativeDifference, short } from "./difference.js";
import { isTimeName, timeMark, withoutTimes } from "./times.js";

type Found = Omit<Difference, "output" | "form">;

const numberToken = /(?<![\p{L}\p{N}_.])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![\p{L}\p{N}_])/u;
const clockToken = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?/u;
const pathToken = /(?<=^|[\s"'`(=>])(?:[A-Za-z]:\\|\.{0,2}\/)(?:[^\s"'`()<>|:]*[\\/])(?=[^\s"'`()<>|:\\/])/g;
const dayMs = 86_400_000;

/** Returns differences line by line; for texts with different numbers of lines, the first line that differs. */
export function compareText(recorded: string, now: string, comparison: Comparison): Found[] {
  const [old, fresh] = [lines(recorded, comparison.onIgnored), lines(now, () => {})];
  const differences: Found[] = [];
  for (let line = 0; line < Math.max(old.length, fresh.length); line++) {
    const [a, b] = [old[line], fresh[line]];
    const where = `line ${line + 1}`;
    if (a === undefined) {
      return [...differences, { where, kind: "unexpected", now: `${short(b!)} (${fresh.length - line} lines)` }];
    }
    if (b === undefined) {
      return [...differences, { where, kind: "missing", recorded: `${short(a)} (${old.length - line} lines)` }];
    }
    const difference = compareLine(a, b, comparison);
    if (difference === null) continue;
    differences.push({ where, ...difference });
    // Inserted or removed lines shift all later lines, so report only the first difference.
    if (difference.kind === "text" && old.length !== fresh.length) return differences;
  }
  return differences;
}

/** Compares two lines. */
export function compareLine(recorded: string, now: string, { tolerance }: Comparison): Found | null {
  if (recorded === now) return null;
  const [old, fresh] = [pieces(recorded), pieces(now)];
  if (old.words.join("\0") !== fresh.words.join("\0") || old.numbers.length !== fresh.numbers.length) {
    return { kind: "text", recorded: short(recorded), now: short(now) };
  }
  let relative = 0;
  let differing = 0;
  for (const [index, text] of old.numbers.entries()) {
    const difference = largestDifference(text, fresh.numbers[index]!, tolerance);
    if (difference > 0) differing++;
    relative = Math.max(relative, difference);
  }
  if (differing === 0) return null;
  return {
    kind: "number",
    recorded: short(recorded),
    now: short(now),
    relative,
    differing,
    of: old.numbers.length,
  };
}

/** 0 if within the tolerance. An explicit tolerance also accepts the last printed digit. */
function largestDifference(recorded: string, now: string, tolerance: number): number {
  if (recorded === now || (isDate(recorded) && isClock(now))) return 0;
  if (isDate(recorded) || isDate(now)) return Number.POSITIVE_INFINITY;
  const [a, b] = [value(recorded), value(now)];
  const relative = relativeDifference(a, b);
  if (relative <= tolerance) return 0;
  const unit = 10 ** -Math.min(decimals(recorded), decimals(now));
  return tolerance > defaultTolerance && decimals(now) > 0 && Math.abs(a - b) <= unit * 1.000001 ? 0 : relative;
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[T ]/.test(text);
}

/** Today's dates and times come from the clock of the new run; others are data. */
function isClock(text: string): boolean {
  return isDate(text) && Math.abs(Date.parse(text) - Date.now()) < dayMs;
}

function value(text: string): number {
  return Number(text.replaceAll(",", "").replace("−", "-"));
}

function decimals(text: string): number {
  return /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
}

/** The words between the numbers, and the numbers. */
function pieces(line: string): { words: string[]; numbers: string[] } {
  const numbers: string[] = [];
  const words: string[] = [];
  const token = new RegExp(`${clockToken.source}|${numberToken.source}`, "gu");
  let end = 0;
  for (const match of line.matchAll(token)) {
    words.push(line.slice(end, match.index).replace(/\s+/g, " ").trim());
    numbers.push(match[0]);
    end = match.index + match[0].length;
  }
  return { words: [...words, line.slice(end).replace(/\s+/g, " ").trim()], numbers };
}

function lines(text: string, onTime: () => void): string[] {
  const clean = withoutTimeColumns(text.replace(/[^\n]*\r(?!\n)/g, ""), onTime);
  const plain = withoutTimes(clean, onTime).replace(pathToken, "");
  return plain
    .replace(/─+/g, "─")
    .split("\n")
    .map((line) => line.trim())
    .filter((line, index, all) => line !== "" || index < all.length - 1);
}

/** In text tables of this library, the cells below the rule (`────  ───`) in columns of times or rates. */
function withoutTimeColumns(text: string, onTime: () => void): string {
  let spans: (readonly [number, number])[] = [];
  const all = text.split("\n");
  return all
    .map((line, index) => {
      if (line.trim() === "") spans = [];
      if (/^─+( +─+)*\s*$/.test(line)) {
        const names = [...(all[index - 1] ?? "")];
        spans = [...line.matchAll(/─+/g)]
          .map(({ index: from, 0: rule }) => [from, from + rule.length] as const)
          .filter(([from, to]) => isTimeName(names.slice(from, to).join("")));
        return line;
      }
      const letters = [...line];
      for (const [from, to] of [...spans].reverse()) {
        if (letters.slice(from, to).join("").trim() === "") continue;
        onTime();
        letters.splice(from, to - from, timeMark);
      }
      return letters.join("");
    })
    .join("\n");
}
