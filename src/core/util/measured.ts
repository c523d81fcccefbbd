/**
 * Texts that contain measured values: times, rates, memory, and other values that differ for each run or machine. Outputs
 * name the places of these values, so that `notebook verify` does not compare them.
 */
import { grouped, size } from "./text.js";

/** Positions of letters, the second exclusive. */
export type LetterRange = readonly [from: number, to: number];

export interface MarkedText {
  readonly text: string;
  /** The places of measured values, in ascending order. */
  readonly measured: readonly LetterRange[];
}

/** A text that is a measured value as a whole. */
export function measured(text: string): MarkedText {
  return { text, measured: [[0, text.length]] };
}

/** Joins texts with measured values: marked`Trained ${count} steps in ${duration(seconds)}`. */
export function marked(parts: TemplateStringsArray, ...values: readonly (string | number | MarkedText)[]): MarkedText {
  const places: LetterRange[] = [];
  const text = parts.reduce((before, part, at) => {
    const value = asMarked(values[at - 1]!);
    for (const [from, to] of value.measured) places.push([before.length + from, before.length + to]);
    return before + value.text + part;
  });
  return { text, measured: places };
}

export function asMarked(text: string | number | MarkedText): MarkedText {
  return typeof text === "object" ? text : { text: String(text), measured: [] };
}

/** `40 ms`, `3.2 s`, `45 s`, `2 min 5 s`, `1 h 12 min`, `3 days 4 h`: at most two units, the smaller one rounded. */
export function duration(seconds: number): MarkedText {
  return measured(durationText(seconds));
}

function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown time";
  if (seconds < 0.9995) return seconds > 0 ? `${rounded(seconds * 1000)} ms` : "0 s";
  if (seconds < 59.5) return `${rounded(seconds)} s`;
  if (seconds < 3599.5) return units(Math.round(seconds), 60, ["min", "s"]);
  if (seconds < 86_370) return units(Math.round(seconds / 60), 60, ["h", "min"]);
  const hours = Math.round(seconds / 3600);
  return units(hours, 24, [hours < 48 ? "day" : "days", "h"]);
}

function units(amount: number, base: number, [large, small]: readonly [string, string]): string {
  const rest = amount % base;
  const whole = `${grouped(Math.floor(amount / base))} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

function rounded(value: number): number {
  return value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** `96,881 rows/s`. */
export function rowRate(rowsPerSecond: number): MarkedText {
  return measured(`${grouped(Math.round(rowsPerSecond))} rows/s`);
}

/** `1.5 GB` of a process's or a machine's memory. */
export function memorySize(bytes: number): MarkedText {
  return measured(size(bytes));
}

/** `12`: a count that depends on the machine. */
export function machineCount(amount: number): MarkedText {
  return measured(grouped(amount));
}
