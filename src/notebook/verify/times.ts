/**
 * Detects times, durations and rates, which differ between runs, by unit (`12.3 s`, `8,000 rows/s`), by name (`seconds:
 * 12.3`), or by column or axis.
 */

const number = String.raw`[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?`;
const unit =
  "ns|µs|μs|us|ms|s|secs?|seconds?|mins?|minutes?|h|hours?|days?|milliseconds?|microseconds?|" +
  String.raw`[\p{L}]+\/(?:s|sec|second|min|h)|[\p{L}]+ (?:per|a|each) (?:second|minute|hour)`;
const measured = String.raw`${number}[kKM]?\s?(?:${unit})(?![\p{L}\p{N}_/])`;
/** `12.3 s`, `1 h 12 min`, `8,000 rows/s`, `1.2k rows/s`. */
const withUnit = new RegExp(String.raw`(?<![\p{L}\p{N}_.])${measured}(?: ${measured})*`, "gu");
const name = String.raw`[\p{L}_]*(?:seconds|elapsed|duration|millis|milliseconds|latency|throughput|PerSecond|_per_second|_ms|Ms|_s)|secs|ms`;
/** `seconds: 12.3`, `'rows/s': 800`, `elapsed=3`. */
const named = new RegExp(
  String.raw`(?<![\p{L}\p{N}_])(?:'[^'\n]*(?:\/s|\bms|\bs|seconds)\b[^'\n]*'|${name})\s*[:=]\s*${number}`,
  "gu",
);
const header = new RegExp(
  String.raw`^(?:${name}|time|wall time|.*\b(?:seconds|milliseconds|ms|minutes|duration|elapsed|throughput)\b.*|.*[\p{L}]\/s(?:ec|econd)?\b.*|.*\bper second\b.*|.*\((?:s|ms|min)\))$`,
  "iu",
);

/** Replaces a time. */
export const timeMark = "⏱";

/** Returns the text with every time, duration and rate replaced; calls `onTime` for each. */
export function withoutTimes(text: string, onTime: () => void): string {
  const mark = (): string => {
    onTime();
    return timeMark;
  };
  return text.replace(named, mark).replace(withUnit, mark);
}

/** Whether the name of a column, axis or key indicates times or rates. */
export function isTimeName(text: string): boolean {
  return header.test(text.trim());
}
