/** Columns that are computed row by row: labels by a rule, features of dates. Exported rows contain the results. */
import type { Problem } from "../../errors/index.js";
import type { TimeUnit } from "../../util/epoch.js";
import { writtenTime, zoneMinutes } from "../../util/iso-time.js";
import { isObject } from "../../util/json.js";
import { hasOptions, type KindOptions, number, type Option, optionalText, text } from "../option.js";
import { checkName, checkNumber, show, unless } from "../validate/checks.js";

/** Compares a number with a limit: 1 if true, otherwise 0. */
export interface ComparisonRule {
  readonly kind: "above" | "atLeast" | "below" | "atMost";
  readonly from: string;
  readonly value: number;
}

/** Compares a value with a list: 1 if it is in it, otherwise 0. */
export interface EqualityRule {
  readonly kind: "equals";
  readonly from: string;
  readonly values: readonly (string | number | boolean)[];
}

/** Parts of a date: hours 0 … 23, weekdays 0 (Monday) … 6, months 0 (January) … 11. */
export type DatePart = "hour" | "weekday" | "month";

/** A part of a date in a fixed zone. */
export interface DatePartRule {
  readonly kind: DatePart;
  readonly from: string;
  /** `Z`, or the hours and minutes from UTC, such as `+08:00`. */
  readonly zone: string;
  /** The unit of numbers; `null`: the column holds dates or times. */
  readonly unit: TimeUnit | null;
}

/** The days from one date to another, with a fraction. */
export interface AgeRule {
  readonly kind: "days";
  readonly from: string;
  /** The column with the later date; `null`: `until` is set. */
  readonly to: string | null;
  /** The later date as ISO text; `null`: `to` is set. */
  readonly until: string | null;
  /** The unit of numbers; `null`: the columns hold dates or times. */
  readonly unit: TimeUnit | null;
}

/** How a column is computed. */
export type DerivedColumn = ComparisonRule | EqualityRule | DatePartRule | AgeRule;

/** Derived columns by name. */
export type DerivedColumns = Readonly<Record<string, DerivedColumn>>;

export const dateParts: Readonly<Record<DatePart, number>> = { hour: 24, weekday: 7, month: 12 };

const comparison = { from: text(), value: number() };
const unit: Option<TimeUnit | null> = { type: [null, "s", "ms"] };
const datePart = { from: text(), zone: text(), unit };

/** The options of each rule; those of `equals` without its values. */
const ruleOptions: KindOptions<DerivedColumn, "values"> = {
  above: comparison,
  atLeast: comparison,
  below: comparison,
  atMost: comparison,
  equals: { from: text() },
  hour: datePart,
  weekday: datePart,
  month: datePart,
  days: { from: text(), to: optionalText(), until: optionalText(), unit },
};

const scalars = ["string", "number", "boolean"];

/** Whether a value of a file, which may be untrusted, is a rule. */
export function isDerivedColumn(value: unknown): value is DerivedColumn {
  if (!isObject(value) || !Object.hasOwn(ruleOptions, String(value["kind"]))) return false;
  const { kind, values, ...settings } = value;
  if (!hasOptions(settings, ruleOptions[kind as DerivedColumn["kind"]])) return false;
  return kind === "equals"
    ? Array.isArray(values) && values.every((each) => scalars.includes(typeof each))
    : values === undefined;
}

export function derivedFrom(rule: DerivedColumn): readonly string[] {
  return rule.kind === "days" && rule.to !== null ? [rule.from, rule.to] : [rule.from];
}

export function derivedProblems(derived: DerivedColumns = {}): Problem[] {
  return Object.entries(derived).flatMap(([name, rule]) => {
    const path = `derived.${name}`;
    return [...checkName(`${path}.from`, rule.from), ...ruleProblems(path, rule)];
  });
}

function ruleProblems(path: string, rule: DerivedColumn): Problem[] {
  if (rule.kind === "equals")
    return unless(rule.values.length > 0, {
      path: `${path}.values`,
      message: "no value to compare with",
      expected: '.equals("yes")',
    });
  if (rule.kind === "days")
    return unless(rule.to !== null || !Number.isNaN(writtenTime(rule.until ?? "")), {
      path: `${path}.until`,
      message: "not a date",
      received: show(rule.until),
      expected: "the name of a time column in `at`, or an ISO date in `until`, such as 2024-05-06",
      fix: '{ at: "timestamp" }',
    });
  if ("value" in rule) return checkNumber(`${path}.value`, rule.value, {});
  return zoneProblems(`${path}.zone`, rule.zone);
}

/** The fault in the zone of a clock, or nothing. */
export function zoneProblems(path: string, zone: string): Problem[] {
  return unless(!Number.isNaN(zoneMinutes(zone)), {
    path,
    message: "not a fixed time zone",
    received: show(zone),
    expected:
      "Z, or hours and minutes from UTC, such as +08:00 (not a name such as Europe/Berlin, whose offset changes with the season)",
    fix: '{ zone: "+01:00" }',
  });
}
