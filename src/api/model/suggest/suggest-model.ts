/** `suggestModel(data, { labels })`: a first model for the columns of a data set, as code with its reasons. */
import type { RawColumn } from "../../../data/index.js";
import { DataError, type Problem } from "../../../errors/index.js";
import type { DerivedColumn } from "../../../spec/index.js";
import { stringLiteral } from "../../../util/text/code-text.js";
import { didYouMean, listNames } from "../../../util/text/near.js";
import { type Dataset, type DatasetSource, dataset } from "../../data/index.js";
import { type BuilderCall, callResult } from "./builder-call.js";
import { type ColumnProfile, columnProfiles } from "./column-profile.js";
import { disguise } from "./disguised.js";
import { type ModelPlan, suggestedDomains } from "./model-plan.js";
import { type SuggestedColumn, SuggestedModel } from "./result.js";
import { suggestFeature } from "./suggest-feature.js";
import { type LabelChoice, suggestLabel } from "./suggest-label.js";

/** What the columns mean. */
export interface SuggestOptions {
  /** The label columns: 0 and 1, two values, or numbers, of which the larger half is 1. One task each. */
  readonly labels: readonly string[];
  /** The column with a row's domain: a task gets a tower per value, and EPNet's gate knows it. Default: no domains. */
  readonly domain?: string;
  /** The column that identifies users, for PPNet's gates. Default: none. */
  readonly user?: string;
  /** The column that identifies items, for PPNet's gates. Default: none. */
  readonly item?: string;
}

/**
 * Proposes a first model from the columns of training rows: features, groups and sizes, as TypeScript code that can be
 * pasted and edited, with the reason for each column, also for those that are left out (constant, one value per row,
 * free text, a label in disguise).
 *
 * Throws a DataError for a column that does not exist, or a label or domain that the column cannot be.
 *
 * @example
 * const suggested = await suggestModel(train, { labels: ["clk"], domain: "scene", user: "user_id" });
 * suggested.code;                                       // paste and edit, or:
 * const run = await suggested.model.fit(train);
 */
export async function suggestModel(data: DatasetSource, options: SuggestOptions): Promise<SuggestedModel> {
  const opened = await dataset(data);
  assertColumns(opened, options ?? {});
  const { labels, domain = null, user, item } = options;
  const keys = [user, item].filter((name) => name !== undefined);
  const profiles = await columnProfiles(opened.table);
  const chosen = labels.map((name) => suggestLabel(name, profiles.get(name)!.summary, profiles.get(name)!.sample));
  const domains = domain === null ? null : suggestedDomains(domain, profiles.get(domain)!);
  const truths = await labelValues(labels, chosen, profiles);
  const columns: SuggestedColumn[] = [];
  const features: BuilderCall[] = [];
  for (const { name } of opened.columns) {
    const profile = profiles.get(name);
    const { calls, reason } = columnChoice(name, profile, { labels, chosen, domain, keys, truths });
    features.push(...calls);
    columns.push({ column: name, features: calls.map(featureName), reason });
  }
  if (features.length === 0) throw new DataError(noFeatures(opened, columns));
  const plan: ModelPlan = {
    features,
    labels: labels.map((name, at) => [name, chosen[at]!.label]),
    domains,
    keys: keys.filter((name) => columns.some(({ column, features }) => column === name && features.length > 0)),
    rows: opened.rows,
  };
  return new SuggestedModel(plan, opened.table.source, columns);
}

interface Roles {
  readonly labels: readonly string[];
  readonly chosen: readonly LabelChoice[];
  readonly domain: string | null;
  readonly keys: readonly string[];
  /** Each label's values in the sample of rows. */
  readonly truths: ReadonlyMap<string, Float32Array>;
}

function columnChoice(
  name: string,
  profile: ColumnProfile | undefined,
  { labels, chosen, domain, keys, truths }: Roles,
): { calls: readonly BuilderCall[]; reason: string } {
  if (labels.includes(name)) return { calls: [], reason: chosen[labels.indexOf(name)]!.reason };
  if (profile === undefined) return { calls: [], reason: "left out: a type that cannot be read" };
  if (name === domain) {
    const vocab: BuilderCall = { start: "idFeature", values: [name], methods: [["vocab"], ["embedding", 16]] };
    return { calls: [vocab], reason: "the domain: a tower per value, and EPNet's gate" };
  }
  for (const [label, values] of truths) {
    const why = keys.includes(name) ? null : disguise(profile.sample, values);
    if (why !== null) return { calls: [], reason: `left out: the label "${label}" in disguise: ${why}` };
  }
  const { features, reason } = suggestFeature(name, profile, keys.includes(name));
  return { calls: features, reason };
}

/** The name of a call's feature. */
export function featureName(call: BuilderCall): string {
  return callResult(call).name;
}

/** The labels of the sample, for columns that say them in other words. */
async function labelValues(
  names: readonly string[],
  chosen: readonly LabelChoice[],
  profiles: ReadonlyMap<string, ColumnProfile>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { labelsBy } = await import("../../../data/index.js");
  const values = new Map<string, Float32Array>();
  for (const [at, name] of names.entries()) {
    const { label } = chosen[at]!;
    const rule: DerivedColumn =
      typeof label === "string" ? { kind: "equals", from: name, values: [1, true] } : callResult(label).rule;
    const column: RawColumn = profiles.get(name)!.sample;
    values.set(name, labelsBy(name, rule, column));
  }
  return values;
}

function assertColumns({ table }: Dataset, { labels, domain, user, item }: SuggestOptions): void {
  const problems: Problem[] = [];
  if (!Array.isArray(labels) || labels.length === 0) {
    const expected = 'at least one label column, such as { labels: ["clk"] }';
    problems.push({ path: "suggestModel.labels", message: "labels are required", expected });
  }
  const named = [...(Array.isArray(labels) ? labels : []), domain, user, item].filter((name) => name !== undefined);
  for (const name of named.filter((each) => !table.has(each))) {
    problems.push({
      path: `${table.source}: column "${name}"`,
      message: "no such column",
      received: `columns ${listNames(table.names)}`,
      expected: `a column "${name}"`,
      fix: didYouMean(name, table.names),
    });
  }
  if (problems.length > 0) throw new DataError(problems);
}

function noFeatures({ table }: Dataset, columns: readonly SuggestedColumn[]): Problem {
  return {
    path: table.source,
    message: "no column suggests a feature",
    received: columns.map(({ column, reason }) => `${stringLiteral(column)}: ${reason}`).join("; "),
    expected: "at least one column with several values that is not a label",
  };
}
