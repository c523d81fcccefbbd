/** Which rows each training of a day-by-day run sees, and which days its model predicts. */
import type { Periods } from "../../core/data/periods.js";
import { joinArrays } from "../../core/util/growing.js";

/** How a model was trained. */
export interface DayVariant {
  /** `warm`, `afresh 7d` or `frozen`. */
  readonly name: string;
  /** `warm`: continues with each day; `afresh`: from the start weights on the last periods; `frozen`: the first model. */
  readonly kind: "warm" | "afresh" | "frozen";
  /** The number of periods that a training afresh sees; `null`: not afresh. */
  readonly window: number | null;
}

/** The plan of trainings and measurements. */
export interface DayPlan {
  readonly periods: Periods;
  /** Number of periods that the first training sees, and the first period that is measured. */
  readonly start: number;
  readonly variants: readonly DayVariant[];
  /** The variant whose models are measured on later days too; `null`: none, so ageing is not measured. */
  readonly aged: number | null;
  /** The largest age that is measured, in periods. */
  readonly mostAge: number;
}

/** Interval computations need days in which each age is measured, so a model is followed for at most half of the days. */
const mostAges = 7;

/** @param windows in periods, with the text of each */
export function planDays(
  periods: Periods,
  start: number,
  windows: readonly { readonly periods: number; readonly text: string }[],
): DayPlan {
  const variants: DayVariant[] = [
    { name: "warm", kind: "warm", window: null },
    ...windows.map(({ periods: window, text }): DayVariant => ({ name: `afresh ${text}`, kind: "afresh", window })),
    { name: "frozen", kind: "frozen", window: null },
  ];
  // Models of equally many days differ in age alone: a window that is longer than the first days would grow.
  const aged = longestWindow(variants, start);
  const measured = periods.names.length - start;
  return { periods, start, variants, aged, mostAge: aged === null ? 0 : Math.min(mostAges, Math.floor(measured / 2)) };
}

/** The place of the training afresh on the most periods, of at most `most`; `null`: there is none. */
export function longestWindow(variants: readonly DayVariant[], most: number = Number.POSITIVE_INFINITY): number | null {
  const places = variants.flatMap(({ window }, at) => (window !== null && window <= most ? [at] : []));
  if (places.length === 0) return null;
  return places.reduce((a, b) => (variants[b]!.window! > variants[a]!.window! ? b : a));
}

/** The rows of the periods `from` … `to − 1`, ascending. */
export function rowsBetween({ rows }: Periods, from: number, to: number): Int32Array {
  return joinArrays(rows.slice(Math.max(0, from), to), (length) => new Int32Array(length)).sort();
}
