/** Durations as people write them: `"90s"`, `"30m"`, `"1h"`, `"7d"`, `"2w"`. */
import { DataError } from "../../errors/index.js";
import { dayMillis, hourMillis } from "../../util/epoch.js";

const unitMillis = { s: 1000, m: 60_000, h: hourMillis, d: dayMillis, w: 7 * dayMillis } as const;

/** A duration as {@link durationMillis} reads it, in its largest whole unit up to days. */
export function writtenDuration(millis: number): string {
  const unit = (["d", "h", "m"] as const).find((name) => millis > 0 && millis % unitMillis[name] === 0) ?? "s";
  return `${millis / unitMillis[unit]}${unit}`;
}

/** Milliseconds of a duration. @param path of the error @throws DataError unless it is a positive amount with a unit */
export function durationMillis(duration: string, path: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s?([smhdw])$/.exec(String(duration).trim()) ?? [];
  const millis = Number(amount) * unitMillis[unit as keyof typeof unitMillis];
  if (millis > 0) return millis;
  throw new DataError({
    path,
    message: "not a duration",
    received: JSON.stringify(duration) ?? String(duration),
    expected: 'an amount with a unit: seconds "90s", minutes "30m", hours "1h", days "7d" or weeks "2w"',
  });
}
