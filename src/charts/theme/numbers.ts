/** Numbers for figures: JSON has no NaN, and digits after the sixth are not visible. */

/** The value, or `null` for a gap, NaN or infinity. */
export function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}

/** To six digits after the point. */
export function rounded(value: number): number {
  // JSON has no −0.
  return Math.round(value * 1e6) / 1e6 + 0;
}

/** Both; `null` stays `null`. */
export function tidy(value: number | null | undefined): number | null {
  const number = finite(value);
  return number === null ? null : rounded(number);
}
