/** Features of dates and times: `dateFeature("time", "hour")` and `ageFeature("signup", { at: "time" })`. */
import { type AgeRule, type DatePart, type DerivedColumn, dateParts, type TimeUnit } from "../spec/feature/derived.js";
import type { IdFeatureSpec } from "../spec/feature/feature.js";
import { checkOptions } from "../spec/validate/checks.js";
import { stringLiteral } from "../util/code-text.js";
import {
  type EncodedDraft,
  type EncodedFeature,
  emptyEncoded,
  encodedMethods,
  type Feature,
  finishFeature,
  requireEncoded,
  type SequenceOptions,
  sequenceBuilder,
} from "./feature.js";
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
  return idBuilder(name, { ...emptyId(name), encoding: { kind: "buckets", count: dateParts[part] } as const, rule });
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

/** The builder of a categorical feature; each method returns a new builder. */
export interface IdFeature<N extends string> extends EncodedFeature<N> {
  /** Uses ids 0 … count − 1 unencoded (`num_buckets`); an id out of range becomes row 0, with a warning. */
  buckets(count: number): IdFeature<N>;
  /** Reads values as `id:weight` and pools them by weight. */
  weighted(): IdFeature<N>;
  /** Sets the source of the value for TorchEasyRec, such as `user:age`. Default: `context:` + name. */
  expression(source: string): IdFeature<N>;
  /** Makes a row hold a sequence of values, such as the last clicks, for an encoder: `din(name, …)`. */
  sequence(options: SequenceOptions): Feature<N | `${N}[]`>;
  toSpec(): IdFeatureSpec;
}

interface IdDraft extends EncodedDraft {
  readonly rule?: DerivedColumn;
  readonly expression: string;
  readonly weighted: boolean;
}

/** A categorical feature. @example idFeature("tags").hash(1000).multiValue("|").embedding(16, { pooling: "mean" }) */
export function idFeature<N extends string>(name: N): IdFeature<N> {
  return idBuilder(name, emptyId(name));
}

function emptyId(name: string): IdDraft {
  return { ...emptyEncoded, expression: `context:${name}`, weighted: false };
}

function idBuilder<N extends string>(name: N, draft: IdDraft): IdFeature<N> {
  const next = (change: Partial<IdDraft>): IdFeature<N> => idBuilder(name, { ...draft, ...change });
  const { rule, ...settings } = draft;
  return Object.freeze<IdFeature<N>>({
    name,
    rule,
    ...encodedMethods(name, next),
    buckets: (count) => next({ encoding: { kind: "buckets", count } }),
    weighted: () => next({ weighted: true }),
    expression: (source) => next({ expression: source }),
    sequence: (options) => sequenceBuilder(name, () => idBuilder(name, draft).toSpec(), options),
    toSpec: () => {
      const complete = requireEncoded(name, `idFeature(${stringLiteral(name)})`, settings);
      const { expression, weighted } = settings;
      return finishFeature<IdFeatureSpec>({ kind: "id", name, ...complete, expression, weighted });
    },
  });
}
