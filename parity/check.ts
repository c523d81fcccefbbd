/** The result of a parity case: differences of named arrays, each as a share of its tolerance. */
import type { EngineName } from "../src/core/engine/engine.js";

/** One compared array or number. */
export interface Check {
  readonly name: string;
  /** The largest |a − b|; infinite if the array is missing or has another size. */
  readonly difference: number;
  /** The difference divided by the tolerance: at most 1 passes. */
  readonly share: number;
}

/** One case on one engine; `engine` is `null` where none is involved. */
export interface CaseReport {
  readonly name: string;
  readonly engine: EngineName | null;
  readonly checks: readonly Check[];
  /** A note on how it passed. */
  readonly note: string | null;
  /** Why it could not be computed. */
  readonly error: string | null;
}

/** A tensor as the golden files write it; a number is a scalar, `null` means zeros. */
export type GoldenTensor =
  | { readonly shape: readonly number[]; readonly data: readonly number[] | number }
  | number
  | null;

/** The numbers of a tensor. */
export function numbersOf(tensor: GoldenTensor | readonly number[], size: number = 0): readonly number[] {
  if (tensor === null) return new Array<number>(size).fill(0);
  if (typeof tensor === "number") return [tensor];
  if ("data" in tensor) return typeof tensor.data === "number" ? [tensor.data] : tensor.data.flat(8);
  return tensor;
}

/**
 * Compares with |a − b| ≤ 1e-5 · max|expected| + 1e-7, the tolerance of the golden files.
 * @param keep places to compare; the others are left out
 */
export function compare(
  name: string,
  actual: ArrayLike<number> | undefined,
  tensor: GoldenTensor | readonly number[],
  keep: (place: number) => boolean = () => true,
): Check {
  const expected = numbersOf(tensor, actual?.length);
  if (actual === undefined || actual.length !== expected.length) return missing(name);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let difference = 0;
  for (let place = 0; place < expected.length; place++) {
    const off = Math.abs((actual[place] as number) - (expected[place] as number));
    // Not `off > difference`: a NaN is the largest difference.
    if (keep(place) && !(off <= difference)) difference = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
  }
  return { name, difference, share: difference / (1e-5 * largest + 1e-7) };
}

/** Compares one number with a given tolerance. */
export function compareNumber(
  name: string,
  actual: number | null | undefined,
  expected: number,
  allowed: number,
): Check {
  const difference = Math.abs((actual ?? Number.NaN) - expected);
  return Number.isNaN(difference) ? missing(name) : { name, difference, share: difference / allowed };
}

/** The check with the largest share of its tolerance; `null` if there are none. */
export function worstOf(checks: readonly Check[]): Check | null {
  return checks.reduce<Check | null>(
    (worst, check) => (worst === null || check.share > worst.share ? check : worst),
    null,
  );
}

/** Whether a case passed: it was computed, something was compared, and everything is within its tolerance. */
export function passed(report: CaseReport): boolean {
  return report.error === null && report.checks.length > 0 && report.checks.every((check) => check.share <= 1);
}

function missing(name: string): Check {
  return { name, difference: Number.POSITIVE_INFINITY, share: Number.POSITIVE_INFINITY };
}
