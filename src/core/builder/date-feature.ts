/** Features of dates and times: `dateFeature("time", "hour")` and `ageFeature("signup", { at: "time" })`. */
import { type AgeRule, type DatePart, dateParts } from "../spec/feature/derived.js";
import { checkOptions } from "../spec/validate/checks.js";
import type { TimeUnit } from "../util/epoch.js";
import { derivedIdFeature, type IdFeature } from "./id-feature.js";
import { derivedRawFeature, type RawFeature } from "./raw-feature.js";

/** Options of {@link dateFeature}. */
export interface DateFeatureOptions {
  /** The zone of the clock: `Z` (UTC), or hours and minutes from UTC, such as `+08:00`. Default: UTC. */
  readonly zone?: string;
  /** The unit of a column of numbers since 1970: `s` or `ms`. Columns of dates and times need none. */
  readonly unit?: TimeUnit;
}

/** Options of {@link ageFeature}: exactly one of `at` and `until`. */
export interface AgeFeatureOptions {
  readonly at?: string;
  /** A fixed ISO date in place of a column, such as `2024-05-06`. */
  readonly until?: string;
  /** The unit of columns of numbers since 1970: `s` or `ms`. Columns of dates and times need none. */
  readonly unit?: TimeUnit;
}

/**
 * The hour (0 … 23), weekday (0: Monday) or month (0: January) of a column of dates or times, as an id feature named
 * `column_part`.
 * @example dateFeature("time", "hour", { zone: "+08:00" }).embedding(4)   // the feature "time_hour"
 */
export function dateFeature<C extends string, P extends DatePart>(
  column: C,
  part: P,
  options: DateFeatureOptions = {},
): IdFeature<`${C}_${P}`> {
  const name = `${column}_${part}` as const;
  checkOptions(`features.${name}`, options, ["zone", "unit"]);
  const { zone = "Z", unit = null } = options;
  const rule = { kind: part, from: column, zone: zone === "UTC" ? "Z" : zone, unit };
  return derivedIdFeature(name, dateParts[part], rule);
}

/**
 * The days from the date in a column to the time of the row (`at`), or to a fixed date (`until`), as a number; negative
 * if the date is later. Named `column_age`. There is no default such as today: a saved model would change every day.
 * @example ageFeature("signup", { at: "time" }).log1p().zscore()   // the feature "signup_age"
 */
export function ageFeature<C extends string>(column: C, options: AgeFeatureOptions): RawFeature<`${C}_age`> {
  checkOptions(`features.${column}_age`, options, ["at", "until", "unit"]);
  const { at: to = null, until = null, unit = null } = options;
  const rule: AgeRule = { kind: "days", from: column, to, until: to === null ? until : null, unit };
  return derivedRawFeature(`${column}_age` as const, rule);
}
