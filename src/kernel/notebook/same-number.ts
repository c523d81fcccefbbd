/**
 * When two numbers of an output are the same. A whole number is a count or an identifier, such as an id, a time or a
 * version: it is the same only if it is equal. A number with a fraction or an exponent is a float, whose last digits
 * depend on the machine: it may differ by a tolerance, relative to the larger number.
 */

/** So repeated runs on one machine pass, and a changed last digit does not. */
export const defaultTolerance = 1e-6;

/**
 * A number in a text. Digits of words, paths, dates, times of day, versions, ranges and lists without blanks are text.
 * An exponent has a sign, as programs print it: digits of a hash, such as `12e34`, are text too.
 */
export const numberToken: RegExp = new RegExp(
  String.raw`(?<![\p{L}\p{N}_./\\]|[\p{L}\p{N}_]-|\d:)[-+−]?` +
    String.raw`\d+(?:,\d{3})*(?:\.\d+(?:[eE][-+]\d+)?|[eE][-+]\d+|(?!,\d))` +
    String.raw`(?![\p{L}\p{N}_/\\]|[.:-]\d|-\p{L})`,
  "gu",
);

export interface PrintedNumber {
  readonly text: string;
  /** Not finite if the digits say more than float64 holds; such numbers are compared as text. */
  readonly value: number;
  readonly isFloat: boolean;
  /** What a step of the last digit is worth, in floats and in percentages, which are rounded; 0: the number is exact. */
  readonly step: number;
}

export function printedNumbers(line: string): PrintedNumber[] {
  return [...line.matchAll(numberToken)].map(({ 0: text, index }) => {
    const [, fraction = "", exponent = "0"] = /^[^.eE]*(?:\.(\d+))?(?:[eE](.*))?$/.exec(text)!;
    const isFloat = /[.eE]/.test(text) && !isInList(line, index, text);
    const isPercentage = /^\s?%/.test(line.slice(index + text.length));
    const step = isFloat || isPercentage ? 10 ** (Number(exponent) - fraction.length) : 0;
    return { text, value: parsedValue(text), isFloat, step };
  });
}

/** `[12,345.5]` holds two numbers, of which a tolerance relative to 12345.5 would hide the second. */
function isInList(line: string, index: number, text: string): boolean {
  return text.includes(",") && (/[[,]/.test(line[index - 1] ?? "") || /[\],]/.test(line[index + text.length] ?? ""));
}

function parsedValue(text: string): number {
  const value = Number(text.replaceAll(",", "").replace("−", "-"));
  return value === 0 && /[1-9]/.test(text.replace(/[eE].*/, "")) ? Number.NaN : value;
}

/** A larger tolerance than the default also accepts a step of the last digit. */
export function isSamePrinted(recorded: PrintedNumber, now: PrintedNumber, tolerance: number): boolean {
  if (recorded.text === now.text) return true;
  if (!Number.isFinite(recorded.value) || !Number.isFinite(now.value)) return false;
  if (isClose(recorded, now, tolerance)) return true;
  const step = tolerance > defaultTolerance ? Math.max(recorded.step, now.step) : 0;
  return step > 0 && Math.abs(recorded.value - now.value) <= step * 1.000001;
}

/** Of numbers that JSON holds, where 1.0 is 1. JavaScript writes larger whole numbers with an exponent. */
export function isSameValue(recorded: number, now: number, tolerance: number): boolean {
  if (Object.is(recorded, now) || recorded === now) return true;
  const [a, b] = [recorded, now].map((value) => ({
    value,
    isFloat: !Number.isInteger(value) || Math.abs(value) >= 1e21,
  })) as [Magnitude, Magnitude];
  return Number.isFinite(recorded) && Number.isFinite(now) && isClose(a, b, tolerance);
}

type Magnitude = Pick<PrintedNumber, "value" | "isFloat">;

/** A float may be printed as a whole number, but is then next to it: 2.9999999 and 3. */
function isClose(recorded: Magnitude, now: Magnitude, tolerance: number): boolean {
  if (!recorded.isFloat && !now.isFloat) return false;
  const size = Math.max(Math.abs(recorded.value), Math.abs(now.value));
  const limit = recorded.isFloat && now.isFloat ? size : Math.min(1, size);
  return Math.abs(recorded.value - now.value) <= tolerance * limit;
}

export function relativeDifference(recorded: number, now: number): number {
  if (Object.is(recorded, now) || recorded === now) return 0;
  const size = Math.max(Math.abs(recorded), Math.abs(now));
  return Number.isFinite(size) ? Math.abs(recorded - now) / size : Number.POSITIVE_INFINITY;
}
