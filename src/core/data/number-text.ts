/**
 * Which texts are numbers, everywhere: none with leading zeros (`0012` is a code), plus signs, hex digits or
 * underscores.
 */

const whole = /^-?(?:0|[1-9]\d*)$/;
const decimal = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const special = /^(?:nan|-?inf|-?infinity)$/i;

/** From this value on, float64 does not distinguish neighbouring integers. */
export const firstUnsafe: number = 2 ** 53;

/** A number with more digits is treated as text: no number type can represent it. */
export const mostDigits = 300;

export function isWhole(text: string): boolean {
  return whole.test(text) && text.length <= mostDigits;
}

/** Parses a number in a CSV cell; `null` for other text. Infinite only if the text says infinity. */
export function writtenNumber(text: string): number | null {
  const bare = withoutBlanks(text);
  if (special.test(bare)) return /nan/i.test(bare) ? Number.NaN : bare.startsWith("-") ? -Infinity : Infinity;
  if (!decimal.test(bare) || bare.length > mostDigits) return null;
  const value = Number(bare);
  return Number.isFinite(value) ? value : null;
}

export function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

const truths = new Map(Object.entries({ true: 1, yes: 1, t: 1, false: 0, no: 0, f: 0 }));

/** 1 for `true`, `yes` and `t`, 0 for `false`, `no` and `f`, in any letter case; `null` for other text. */
export function writtenTruth(text: string): number | null {
  return text.length > 5 ? null : (truths.get(text.toLowerCase()) ?? null);
}
