/**
 * Compares JSON outputs value by value, and Plotly figures by data and layout. An array of numbers is one unit: its
 * numbers are compared relative to the largest and reported in one line.
 */
import { isObject } from "../../util/json.js";
import { type Comparison, type Difference, relativeDifference, short } from "./difference.js";
import { compareLine } from "./text.js";
import { isTimeName, withoutTimes } from "./times.js";

type Found = Omit<Difference, "output" | "form">;

/** Returns the differences below `path`. */
export function compareJson(recorded: unknown, now: unknown, comparison: Comparison, path = ""): Found[] {
  if (recorded === now) return [];
  if (Array.isArray(recorded) && Array.isArray(now)) return compareArrays(recorded, now, comparison, path);
  if (isObject(recorded) && isObject(now)) return compareObjects(recorded, now, comparison, path);
  const at = path === "" ? {} : { where: path };
  if (typeof recorded === "number" && typeof now === "number") {
    const relative = relativeDifference(recorded, now);
    if (relative <= comparison.tolerance) return [];
    return [{ ...at, kind: "number", recorded: String(recorded), now: String(now), relative, differing: 1, of: 1 }];
  }
  if (typeof recorded === "string" && typeof now === "string") {
    const [a, b] = [withoutTimes(recorded, comparison.onIgnored), withoutTimes(now, () => {})];
    const difference = compareLine(a, b, comparison);
    return difference === null ? [] : [{ ...at, ...difference }];
  }
  return [{ ...at, kind: "text", recorded: short(json(recorded)), now: short(json(now)) }];
}

/** Compares a figure as JSON, without data along axes of times or rates. */
export function compareFigure(recorded: unknown, now: unknown, comparison: Comparison): Found[] {
  return compareJson(
    withoutTimeAxes(recorded, comparison.onIgnored),
    withoutTimeAxes(now, () => {}),
    comparison,
  );
}

function compareArrays(
  recorded: readonly unknown[],
  now: readonly unknown[],
  comparison: Comparison,
  path: string,
): Found[] {
  if (recorded.length !== now.length) {
    const [a, b] = [`${recorded.length} items`, `${now.length} items`];
    return [{ where: path, kind: recorded.length > now.length ? "missing" : "unexpected", recorded: a, now: b }];
  }
  if (![...recorded, ...now].every((item) => typeof item === "number" || item === null)) {
    return recorded.flatMap((item, index) => compareJson(item, now[index], comparison, `${path}[${index}]`));
  }
  return compareNumbers(recorded as (number | null)[], now as (number | null)[], comparison, path);
}

function compareNumbers(
  recorded: readonly (number | null)[],
  now: readonly (number | null)[],
  { tolerance }: Comparison,
  path: string,
): Found[] {
  const scale = [...recorded, ...now].reduce<number>((largest, value) => Math.max(largest, Math.abs(value ?? 0)), 0);
  const differences = recorded.map((value, index) => {
    const other = now[index] as number | null;
    if (value === null || other === null) return value === other ? 0 : Number.POSITIVE_INFINITY;
    return relativeDifference(value, other, scale);
  });
  const beyond = differences.flatMap((difference, index) => (difference > tolerance ? [index] : []));
  const [first] = beyond;
  if (first === undefined) return [];
  return [
    {
      where: `${path}[${first}]`,
      kind: "number",
      recorded: String(recorded[first]),
      now: String(now[first]),
      relative: Math.max(...beyond.map((index) => differences[index]!)),
      differing: beyond.length,
      of: recorded.length,
    },
  ];
}

function compareObjects(
  recorded: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  comparison: Comparison,
  path: string,
): Found[] {
  return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].flatMap((key) => {
    const where = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
      ? `${path === "" ? "" : `${path}.`}${key}`
      : `${path}[${JSON.stringify(key)}]`;
    if (!(key in now)) return [{ where, kind: "missing" as const, recorded: short(json(recorded[key])) }];
    if (!(key in recorded)) return [{ where, kind: "unexpected" as const, now: short(json(now[key])) }];
    if (typeof recorded[key] === "number" && typeof now[key] === "number" && isTimeName(key)) {
      comparison.onIgnored();
      return [];
    }
    return compareJson(recorded[key], now[key], comparison, where);
  });
}

function withoutTimeAxes(figure: unknown, onTime: () => void): unknown {
  if (!isObject(figure) || !Array.isArray(figure["data"])) return figure;
  const layout = isObject(figure["layout"]) ? figure["layout"] : {};
  const isTime = (trace: Readonly<Record<string, unknown>>, letter: "x" | "y"): boolean => {
    const name = String(trace[`${letter}axis`] ?? letter).replace(letter, `${letter}axis`);
    const axis = layout[name];
    return isObject(axis) && isTimeName(titleText(axis["title"]));
  };
  const data = (figure["data"] as unknown[]).map((trace) => {
    if (!isObject(trace)) return trace;
    const times = (["x", "y"] as const).filter((letter) => letter in trace && isTime(trace, letter));
    for (const _ of times) onTime();
    return Object.fromEntries(Object.entries(trace).filter(([key]) => !times.includes(key as "x" | "y")));
  });
  return { ...figure, data };
}

function titleText(title: unknown): string {
  return isObject(title) ? String(title["text"] ?? "") : typeof title === "string" ? title : "";
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
