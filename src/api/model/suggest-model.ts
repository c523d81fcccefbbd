/** `suggestModel(data, { labels })`: a first model for the columns of a data set, as code with its reasons. */
import { type Disguise, disguise } from "../../core/data/check/column-signs.js";
import { readingsFix } from "../../core/data/column-fixes.js";
import { identifier } from "../../core/data/sources/names.js";
import { type ColumnProfile, columnProfiles } from "../../core/data/summary/column-profiles.js";
import { columnRows, hasValue, type RawColumn, valueAt } from "../../core/data/table/column.js";
import type { Roles } from "../../core/data/table/roles.js";
import { missingColumn, type Table } from "../../core/data/table/table.js";
import { DataError, type Problem } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { checkOptions, type OptionNames } from "../../core/spec/validate/checks.js";
import { stringLiteral } from "../../core/util/code-text.js";
import { getOrMake } from "../../core/util/growing.js";
import { type SignalOptions, withSignal } from "../../core/util/interrupt.js";
import { didYouMean } from "../../core/util/names.js";
import { everyRow } from "../../core/util/numbers.js";
import { grouped } from "../../core/util/text.js";
import { type Dataset, type DatasetSource, dataset, type RowOf } from "../data/dataset.js";
import type { ColumnName } from "../data/types.js";
import { alikeTogether, type ColumnCalls } from "./alike-columns.js";
import { type BuilderCall, callResult } from "./builder-calls.js";
import type { ReadColumn } from "./suggested-codes.js";
import { call, type FeatureChoice, leftOut, suggestFeature, vectorWidth } from "./suggested-features.js";
import {
  type ModelPlan,
  type PlanSizes,
  type SuggestedColumn,
  type SuggestedDomains,
  SuggestedModel,
  sharesTower,
  suggestedDomains,
} from "./suggested-model.js";

const suggestModelOptions: OptionNames<SuggestOptions> = {
  labels: true,
  domain: true,
  user: true,
  item: true,
  known: true,
  signal: true,
};

/** What the columns mean. `Name`: the data's columns if their types are known; the editor completes them. */
export interface SuggestOptions<Name extends string = string> extends SignalOptions {
  /** The label columns: 0 and 1, two values, or numbers, of which the larger half is 1. One task each. */
  readonly labels: readonly (Name | (string & {}))[];
  /** The column with a row's domain, for EPNet's gate, and mostly a tower per value. Default: no domains. */
  readonly domain?: Name | (string & {});
  /** The column that identifies users, for PPNet's gates. Default: the role `user`. */
  readonly user?: Name | (string & {});
  /** The column that identifies items, for PPNet's gates. Default: the role `item`. */
  readonly item?: Name | (string & {});
  /**
   * Columns that are known before the labels, so that they are features though the rows look as if they followed from a
   * label. Default: none.
   */
  readonly known?: readonly (Name | (string & {}))[];
}

/**
 * Proposes a first model from the columns of training rows: features, groups and sizes, as TypeScript code that can be
 * pasted and edited, with the reason for each column, also for those that are left out (constant, one value per row,
 * free text, a label in disguise unless it is `known` before the label).
 * Throws a DataError for a column that does not exist, or a label or domain that the column cannot be.
 * @example
 * const suggested = await suggestModel(train, { labels: ["clk"], domain: "scene", user: "user_id" });
 * suggested.code;                                       // paste and edit, or:
 * const run = await suggested.model.fit(train);
 */
export async function suggestModel<Source extends DatasetSource>(
  data: Source,
  options: SuggestOptions<ColumnName<RowOf<Source>>>,
): Promise<SuggestedModel> {
  checkOptions("suggestModel", options ?? {}, Object.keys(suggestModelOptions), DataError);
  const { opened, choices, meanings } = await withSignal(options?.signal, async () => {
    const opened = await dataset(data as DatasetSource);
    const { user, item } = opened.table.roles;
    const meanings: SuggestOptions = { user, item, ...options };
    return { opened, meanings, choices: await columnChoices(opened, meanings, withoutLabels) };
  });
  const suggested = modelOfChoices(opened, meanings, choices);
  const { domain } = meanings;
  if (domain !== undefined && suggested.model.spec.domains !== null)
    refuseGaps("domain", domain, choices.profiles.get(domain)!.summary.missing);
  const labels = choices.chosen.flatMap(({ label }) => (typeof label === "string" ? [label] : []));
  if (labels.length < choices.chosen.length) return suggested;
  const { suggestedPriors } = await import("./suggested-priors.js");
  const { suggestedCodes } = await import("./suggested-codes.js");
  const { spec } = suggested.model;
  const priors = await withSignal(options.signal, async () => {
    const ofTime = await suggestedPriors(opened, spec, labels);
    const modelFor = async (rows: Dataset) =>
      modelOfChoices(rows, meanings, await columnChoices(rows, meanings, withoutLabels)).model;
    return ofTime ?? suggestedCodes(opened, spec, labels, readColumns(spec, choices), modelFor);
  });
  return suggested.withPriors(priors);
}

/** Rows of a number's value, on average, with which it may also be a code: an age, a day. */
const leastNumberRows = 20;

/** The columns of features with one value a row. */
function readColumns({ features }: ModelSpec, { profiles }: ColumnChoices): ReadColumn[] {
  return features.flatMap((feature): ReadColumn[] => {
    const { name, kind } = feature;
    const profile = profiles.get(name);
    if (profile === undefined || profile.sample.kind === "list" || feature.sequence !== undefined) return [];
    const rows = kind === "id" ? 2 : leastNumberRows;
    const { distinct } = profile.summary;
    return [{ name, values: rows * distinct <= profile.filled ? distinct : null }];
  });
}

const withoutLabels: Problem = {
  path: "suggestModel.labels",
  message: "labels are required",
  expected: 'at least one label column, such as { labels: ["clk"] }',
};

export function modelOfChoices(
  opened: Dataset,
  { labels, domain, user, item }: SuggestOptions,
  { chosen, profiles, choose }: ColumnChoices,
): SuggestedModel {
  const keys = [user, item].filter((name): name is string => name !== undefined && choose(name).features.length > 0);
  const domains = domain === undefined ? null : suggestedDomains(domain, profiles.get(domain)!);
  const sizes = { domains, keys, rows: opened.rows };
  const columns: SuggestedColumn[] = [];
  const features: ColumnCalls[] = [];
  for (const { name } of opened.columns) {
    const { features: calls, reason } = name === domain ? domainChoice(domains!, sizes) : choose(name);
    if (calls.length > 0) features.push({ column: name, calls });
    columns.push({ column: name, features: calls.map((each) => callResult(each).name), reason });
  }
  if (features.length === 0) {
    throw new DataError({
      path: opened.table.source,
      message: "no column suggests a feature",
      received: columns.map(({ column, reason }) => `${stringLiteral(column)}: ${reason}`).join("; "),
      expected: "at least one column with several values that is not a label",
    });
  }
  const plan: ModelPlan = {
    ...sizes,
    features: alikeTogether(features),
    labels: labels.map((name, at) => [name, chosen[at]!.label]),
  };
  return new SuggestedModel(plan, opened.table.source, columns);
}

function domainChoice({ column, domains }: SuggestedDomains, sizes: PlanSizes): FeatureChoice {
  const reason = `the domain: ${domains === null || sharesTower(sizes) ? "" : "a tower per value, and "}EPNet's gate`;
  return { features: [call("idFeature", column, ["vocab"], ["embedding", vectorWidth(sizes.rows)])], reason };
}

export interface ColumnChoices {
  readonly chosen: readonly LabelChoice[];
  readonly profiles: ReadonlyMap<string, ColumnProfile>;
  readonly choose: (name: string) => FeatureChoice;
}

/**
 * What each column is: a label, a feature, or left out. Throws a DataError for a column that does not exist.
 * @param without what is said if there are no labels
 */
export async function columnChoices(
  { table }: Pick<Dataset, "table">,
  options: SuggestOptions,
  without: Problem,
  others: readonly (string | undefined)[] = [],
): Promise<ColumnChoices> {
  assertColumns(table, options, without, others);
  const { labels, user, item, known = [] } = options;
  const profiles = await columnProfiles(table);
  const chosen = labels.map((name) => {
    const profile = profiles.get(name)!;
    const first = labels.find((other) => other !== name && isWhereFilled(profiles.get(other)!.sample, profile.sample));
    return suggestLabel(name, profile, first);
  });
  const truths = new Map<string, Float32Array>();
  for (const [at, name] of labels.entries()) {
    truths.set(name, await labelValues(name, chosen[at]!, profiles.get(name)!.sample));
  }
  const choose = (name: string): FeatureChoice => {
    const profile = profiles.get(name);
    if (labels.includes(name)) return { features: [], reason: chosen[labels.indexOf(name)]!.reason };
    if (profile === undefined) return leftOut("a type that cannot be read");
    const role = ownRole(table.roles, name);
    if (role !== null) return leftOut(role);
    const isKey = name === user || name === item;
    for (const [label, values] of truths) {
      const other = isKey || known.includes(name) ? null : disguise(profile.sample, values);
      if (other !== null) return leftOut(disguiseText(name, label, other, profile.summary.distinct === 2));
    }
    return suggestFeature(name, profile, isKey, truths);
  };
  const choices = new Map<string, FeatureChoice>();
  return { chosen, profiles, choose: (name) => getOrMake(choices, name, () => choose(name)) };
}

/** Why the columns of some roles are no features. */
function ownRole({ time, session }: Roles, name: string): string | null {
  if (name === time) return "the row's time, which no later row shares; derive what recurs, such as the hour";
  return name === session ? "the session, which no later visit shares" : null;
}

function disguiseText(name: string, label: string, { why, stage }: Disguise, hasTwoValues: boolean): string {
  const keeps = `if rows have it before their label, { known: [${stringLiteral(name)}] } of suggestModel keeps it`;
  if (stage === null) return `the label "${label}" in disguise: ${why}; ${keeps}`;
  const [first, second] = stage === "earlier" ? [name, label] : [label, name];
  const what = `${stage === "later" ? "a later" : "an earlier"} stage of the label "${label}": ${why}`;
  if (!hasTwoValues) return `${what}; ${keeps}`;
  const names = `labels: [${stringLiteral(first)}, ${stringLiteral(second)}]`;
  const space = `.taskSpace(${stringLiteral(first)}, { out: 0 })`;
  const does = stage === "later" ? "to predict it too" : `to predict "${label}" among the rows that reach it`;
  return `${what}; ${does}, use ${names}, with ${space} in the tower of "${second}"; ${keeps}`;
}

/** The label's values in rows of its column. */
export async function labelValues(name: string, { label }: LabelChoice, column: RawColumn): Promise<Float32Array> {
  const { labelsBy } = await import("../../core/data/derived-values.js");
  return typeof label === "string" ? labelsBy(name, column) : labelsBy(name, column, callResult(label).rule);
}

function assertColumns(
  table: Table,
  { labels, domain, user, item, known = [] }: SuggestOptions,
  without: Problem,
  others: readonly (string | undefined)[],
): void {
  const asked = Array.isArray(labels) ? labels : [];
  const problems = asked.length === 0 ? [without] : [];
  const named = [...asked, domain, user, item, ...known, ...others].filter((name) => name !== undefined);
  for (const name of named.filter((each) => !table.has(each))) {
    problems.push({ ...missingColumn(table, name), fix: didYouMean(name, table.names) });
  }
  if (problems.length > 0) throw new DataError(problems);
}

export interface LabelChoice {
  /** The column's name if it holds 0 and 1; otherwise a label by a rule. */
  readonly label: string | BuilderCall;
  readonly reason: string;
}

/** @param otherFix what helps more than a filter */
function refuseGaps(what: "label" | "domain", name: string, missing: number, otherFix: string | null = null): void {
  if (missing === 0) return;
  throw new DataError({
    path: `column "${name}"`,
    message: `the ${what} has no value in some rows`,
    received: `${grouped(missing)} rows without a value`,
    expected: "a value in each row",
    fix: otherFix ?? `keep the rows with a ${what}: data.where(${stringLiteral(`${identifier(name)} is not null`)})`,
  });
}

/** Whether rows have a value of `column` where `first` has one of its two values, and nowhere else. */
function isWhereFilled(first: RawColumn, column: RawColumn): boolean {
  const filledByValue = new Map<unknown, boolean>();
  const isFilled = (row: number): boolean => hasValue(column, row);
  const parts = everyRow(columnRows(column)).every(
    (row) => getOrMake(filledByValue, valueAt(first, row), () => isFilled(row)) === isFilled(row),
  );
  return parts && filledByValue.size === 2;
}

/** 0 and 1 or booleans are labels; of two texts the rarer is 1; of more numbers the larger half. Else a DataError. */
function suggestLabel(name: string, profile: ColumnProfile, first: string | undefined): LabelChoice {
  const { summary, sample, readings } = profile;
  const { type, distinct, min, max, top, missing } = summary;
  const filled = `coalesce(${identifier(name)}, ${type === "boolean" ? "false" : "0"})`;
  const fix =
    first === undefined || type === "text"
      ? null
      : `fill the gaps of this later stage of "${first}", data.derive({ ${JSON.stringify(name)}: ${stringLiteral(filled)} }), and add .taskSpace(${stringLiteral(first)}, { out: 0 }) to its tower`;
  if (distinct > 0) refuseGaps("label", name, missing, fix);
  if (type === "boolean" && distinct === 2) return { label: name, reason: "label: yes or no" };
  if (distinct === 2 && min === 0 && max === 1) return { label: name, reason: "label: 0 or 1" };
  if (distinct === 2 && top[1] !== undefined) {
    const rarer = top[1].value;
    return {
      label: call("label", name, ["equals", rarer]),
      reason: `label: 1 for ${JSON.stringify(rarer)}, the rarer of two values`,
    };
  }
  if ((type === "integer" || type === "float") && distinct > 2 && sample.kind === "number") {
    const limit = upperHalf(sample);
    return {
      label: call("label", name, ["atLeast", limit]),
      reason: `label: 1 from ${limit}, about half of the rows; change the limit, or predict the number itself with .l2().mse() in place of .bce().auc()`,
    };
  }
  throw new DataError({
    path: `column "${name}"`,
    message: "this column does not suggest a label of 0 and 1",
    received: `${type}, ${distinct} values`,
    expected: "two values, or numbers",
    fix: readingsFix(name, readings) ?? 'compute the label in the data, or write label("…").equals("…") yourself',
  });
}

/** The limit for which the share of rows at or above it is nearest to one half. */
function upperHalf({ values, valid }: Extract<RawColumn, { kind: "number" }>): number {
  const finiteValues = Float64Array.from(values)
    .filter((value, row) => Number.isFinite(value) && valid?.[row] !== 0)
    .sort();
  const limits = [...new Set(finiteValues)].slice(1);
  const share = (limit: number): number => 1 - finiteValues.findIndex((value) => value >= limit) / finiteValues.length;
  return limits.reduce((best, limit) => (Math.abs(share(limit) - 0.5) < Math.abs(share(best) - 0.5) ? limit : best));
}
