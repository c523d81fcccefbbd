/**
 * What a written number is: the one definition for CSV cells, texts in Parquet and rows in memory. A number has no
 * leading zeros (`0012` is a code, not twelve), no plus sign, no hex digits and no underscores. Blanks around it do not
 * count.
 */

const whole = /^-?(?:0|[1-9]\d*)$/;
const decimal = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const special = /^(?:nan|-?inf|-?infinity)$/i;

/** From here on, neighbouring whole numbers are one float64. */
export const firstUnsafe: number = 2 ** 53;

/** More digits than this are text: no number type holds them. */
export const mostDigits = 300;

/** Whether a text is a whole number, without blanks. */
export function isWhole(text: string): boolean {
  return whole.test(text) && text.length <= mostDigits;
}

/** A number as a CSV cell writes it; `null`: the text is something else. Infinite only where the text says so. */
export function writtenNumber(text: string): number | null {
  const bare = withoutBlanks(text);
  if (special.test(bare)) return specialNumber(bare);
  if (!decimal.test(bare) || bare.length > mostDigits) return null;
  const value = Number(bare);
  return Number.isFinite(value) ? value : null;
}

function specialNumber(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** A text without the blanks and tabs around it. */
export function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

const truths: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["yes", 1],
  ["t", 1],
  ["false", 0],
  ["no", 0],
  ["f", 0],
]);

/** 1 for `true`, `yes` and `t`, 0 for `false`, `no` and `f`, in any letter case; `null`: another text. */
export function writtenTruth(text: string): number | null {
  return text.length > 5 ? null : (truths.get(text.toLowerCase()) ?? null);
}
