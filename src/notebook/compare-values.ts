/** Compares texts and JSON values. Numbers may differ by a tolerance relative to the larger one; nothing else may. */
import { isObject } from "../util/random.js";

export interface Found {
  /** Position in the output: `line 5`, `data[3].y[17]`. */
  readonly where?: string;
  readonly kind: "number" | "text" | "picture" | "missing" | "unexpected";
  /** The saved value, shortened; missing if there is none. */
  readonly recorded?: string;
  readonly now?: string;
  /** For numbers: the largest relative difference, and how many of how many differ. */
  readonly relative?: number;
  readonly differing?: number;
  readonly of?: number;
}

/** Repeated runs on one machine pass, a changed last digit does not. */
export const defaultTolerance = 1e-6;

/** A number in a text; digits of paths, dates, ranges and identifiers are text. */
const numberToken =
  /(?<![\p{L}\p{N}_./\\]|[\p{L}\p{N}_]-)[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![\p{L}\p{N}_/\\]|[.,-]\d|-\p{L})/gu;

export function short(text: string, limit = 160): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

function relativeDifference(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const size = Math.max(Math.abs(a), Math.abs(b));
  return Number.isFinite(size) ? Math.abs(a - b) / size : Number.POSITIVE_INFINITY;
}

/** Line by line, or the first of unequal line counts. Widths may differ (`isLoose`) if numbers or ignored times do. */
export function compareText(recorded: string, now: string, tolerance: number, isLoose = false): Found[] {
  if (recorded === now) return [];
  const numbers = (text: string): string => (text.match(numberToken) ?? []).join(" ");
  const loose = isLoose || numbers(recorded) !== numbers(now);
  const [old, fresh] = [recorded, now].map((text) =>
    text.split("\n").map((line) =>
      loose
        ? line
            .replace(/[ \t]+/g, " ")
            .replace(/─+/g, "─")
            .trim()
        : line,
    ),
  );
  const differences: Found[] = [];
  for (let line = 0; line < Math.max(old!.length, fresh!.length); line++) {
    const [a, b] = [old![line], fresh![line]];
    const where = `line ${line + 1}`;
    if (a === undefined) {
      return [...differences, { where, kind: "unexpected", now: `${short(b!)} (${fresh!.length - line} lines)` }];
    }
    if (b === undefined) {
      return [...differences, { where, kind: "missing", recorded: `${short(a)} (${old!.length - line} lines)` }];
    }
    const difference = compareLine(a, b, tolerance);
    if (difference === null) continue;
    differences.push({ where, ...difference });
    // Inserted or removed lines shift all later lines, so report only the first difference.
    if (difference.kind === "text" && old!.length !== fresh!.length) return differences;
  }
  return differences;
}

function compareLine(recorded: string, now: string, tolerance: number): Found | null {
  if (recorded === now) return null;
  const differs = { kind: "text", recorded: short(recorded), now: short(now) } as const;
  const [old, fresh] = [recorded.match(numberToken) ?? [], now.match(numberToken) ?? []];
  if (recorded.replace(numberToken, "\0") !== now.replace(numberToken, "\0")) return differs;
  const beyond = old.map((text, index) => printedDifference(text, fresh[index]!, tolerance)).filter((each) => each > 0);
  if (beyond.length === 0) return null;
  return { ...differs, kind: "number", relative: Math.max(...beyond), differing: beyond.length, of: old.length };
}

/** 0 if within the tolerance. An explicit tolerance also accepts the last printed digit. */
function printedDifference(recorded: string, now: string, tolerance: number): number {
  const [a, b] = [recorded, now].map((text) => Number(text.replaceAll(",", "").replace("−", "-"))) as [number, number];
  const relative = relativeDifference(a, b);
  if (relative <= tolerance) return 0;
  const [decimals, others] = [recorded, now].map((text) => /\.(\d+)$/.exec(text)?.[1]?.length ?? 0) as [number, number];
  const isLastDigit = others > 0 && Math.abs(a - b) <= 10 ** -Math.min(decimals, others) * 1.000001;
  return tolerance > defaultTolerance && isLastDigit ? 0 : relative;
}

/** Returns the differences below `path`; an array of numbers reports its differences in one line. */
export function compareJson(recorded: unknown, now: unknown, tolerance: number, path = ""): Found[] {
  if (recorded === now) return [];
  if (Array.isArray(recorded) && Array.isArray(now)) return compareArrays(recorded, now, tolerance, path);
  if (isObject(recorded) && isObject(now)) {
    return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].flatMap((key) => {
      const where = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
        ? `${path === "" ? "" : `${path}.`}${key}`
        : `${path}[${JSON.stringify(key)}]`;
      if (!Object.hasOwn(now, key)) return [{ where, kind: "missing" as const, recorded: short(json(recorded[key])) }];
      if (!Object.hasOwn(recorded, key)) return [{ where, kind: "unexpected" as const, now: short(json(now[key])) }];
      return compareJson(recorded[key], now[key], tolerance, where);
    });
  }
  const at = path === "" ? {} : { where: path };
  if (typeof recorded === "number" && typeof now === "number") {
    return compareNumbers([recorded], [now], tolerance).map((difference) => ({ ...at, ...difference }));
  }
  if (typeof recorded === "string" && typeof now === "string") {
    const difference = compareLine(recorded, now, tolerance);
    return difference === null ? [] : [{ ...at, ...difference }];
  }
  return [{ ...at, kind: "text", recorded: short(json(recorded)), now: short(json(now)) }];
}

function compareArrays(old: readonly unknown[], fresh: readonly unknown[], tolerance: number, path: string): Found[] {
  if (old.length !== fresh.length) {
    const lengths = { recorded: `${old.length} items`, now: `${fresh.length} items` };
    return [{ where: path, kind: old.length > fresh.length ? "missing" : "unexpected", ...lengths }];
  }
  if (![...old, ...fresh].every((item) => typeof item === "number" || item === null)) {
    return old.flatMap((item, index) => compareJson(item, fresh[index], tolerance, `${path}[${index}]`));
  }
  return compareNumbers(old as (number | null)[], fresh as (number | null)[], tolerance, path);
}

function compareNumbers(
  recorded: readonly (number | null)[],
  now: readonly (number | null)[],
  tolerance: number,
  path?: string,
): Found[] {
  const differences = recorded.map((value, index) => {
    const other = now[index] as number | null;
    if (value === null || other === null) return value === other ? 0 : Number.POSITIVE_INFINITY;
    return relativeDifference(value, other);
  });
  const beyond = differences.flatMap((difference, index) => (difference > tolerance ? [index] : []));
  const [first] = beyond;
  if (first === undefined) return [];
  return [
    {
      ...(path === undefined ? {} : { where: `${path}[${first}]` }),
      kind: "number",
      recorded: String(recorded[first]),
      now: String(now[first]),
      relative: beyond.reduce((largest, index) => Math.max(largest, differences[index]!), 0),
      differing: beyond.length,
      of: recorded.length,
    },
  ];
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
