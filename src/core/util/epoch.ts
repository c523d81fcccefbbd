/** Times: as numbers since 1970, and their parts as columns. */

export const hourMillis: number = 3_600_000;
export const dayMillis: number = 24 * hourMillis;

/** Numbers of a time column: seconds or milliseconds since 1970. */
export type TimeUnit = "s" | "ms";

/** The unit of numbers that are all times from 1973 to 2603 as seconds or as milliseconds; `null`: they are not. */
export function epochUnit(least: number, most: number): TimeUnit | null {
  if (least >= 1e8 && most < 2e10) return "s";
  return least >= 1e11 && most < 2e13 ? "ms" : null;
}

/** A part of a time: `hour` (0 … 23), `weekday` (0: Monday … 6) or `date` (text such as `2024-05-06`). */
export type TimePart = "hour" | "weekday" | "date";

/** The columns that `dt` adds. */
export const timeParts: readonly TimePart[] = ["hour", "weekday", "date"];
