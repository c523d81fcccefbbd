/** Counts positive rows by label, over all rows and by domain; labels may be computed by a model's rules. */
import { DataError, type Problem } from "../../errors/index.js";
import { type DerivedColumn, derivedFrom, type ModelSpec } from "../../spec/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { parseTruths } from "../cells/as-numbers.js";
import { derivedValues } from "../derive/index.js";
import { Report } from "../encode/report.js";
import { columnRows, hasValue, type RawColumn } from "../table/column.js";
import { missingColumn, type Table } from "../table/table.js";

/** Counts of one label: rows with a value, and rows above 0. */
export interface LabelCounts {
  /** The label column. */
  readonly label: string;
  /** Number of rows with a value. */
  readonly rows: number;
  /** Number of these rows with a value above 0. */
  readonly positives: number;
  /** In the order of the summary's domains. */
  readonly domains: readonly { readonly rows: number; readonly positives: number }[];
}

/** The labels of a table, and its domains. */
export interface CountedLabels {
  /** In the order of the labels. */
  readonly labels: readonly LabelCounts[];
  /** By domain, ascending, its rows; empty without a domain column. */
  readonly domains: readonly { readonly domain: number | string; readonly rows: number }[];
}

/** Counts the rows of each label. @throws DataError for a label or domain column that does not exist */
export async function countLabels(
  table: Table,
  labels: readonly string[],
  domain: string | null | undefined,
  spec: ModelSpec | undefined,
): Promise<CountedLabels> {
  const rules = labelRules(table, labels, spec);
  const named = [...labels.filter((name) => !rules.has(name)), ...(domain ? [domain] : [])];
  const missing = named.filter((name) => !table.has(name));
  if (missing.length > 0) throw new DataError(missing.map((name) => missingColumn(table, name)));
  const read = await table.read(named);
  const problems = labels.flatMap((label) =>
    rules.has(label) ? [] : (labelProblem(table, label, read.get(label)!) ?? []),
  );
  if (problems.length > 0) throw new DataError(problems);
  const columns = await withRules(read, rules, table);
  const byDomain = domain ? rowsByDomain(columns.get(domain)!) : [];
  return {
    labels: labels.map((label): LabelCounts => {
      const column = columns.get(label)!;
      const domains = byDomain.map(([, rows]) => countPositives(column, rows));
      return { label, ...countPositives(column, null), domains };
    }),
    domains: byDomain.map(([name, rows]) => ({ domain: name, rows: rows.length })),
  };
}

/** A label whose positive rows cannot be counted: it has values, but they are text or lists. */
function labelProblem(table: Table, label: string, column: RawColumn): Problem | null {
  if (column.kind === "number" || (column.kind === "text" && parseTruths(column) !== null)) return null;
  const path = `${table.source}: column "${label}"`;
  const message = "this label has no positive rows, since its values are not numbers";
  const expected = "numbers, or words for yes and no";
  if (column.kind === "list") return { path, message, received: "lists", expected, fix: "leave this label out" };
  const word = column.words[column.codes.find((code) => code >= 0)!]!;
  const rule = `label(${stringLiteral(label)}).equals(${stringLiteral(word)})`;
  return {
    path,
    message,
    received: `text, such as ${JSON.stringify(word)}`,
    expected,
    fix: `describe({ model }) with .labels(${rule}) in the model, or leave this label out`,
  };
}

/** The labels that a table has, or that rules compute from its columns. */
export function presentLabels(table: Table, labels: readonly string[], spec: ModelSpec | undefined): string[] {
  const rules = labelRules(table, labels, spec);
  return labels.filter((label) => rules.has(label) || table.has(label));
}

/** The labels that rules compute from columns of the table. */
function labelRules(table: Table, labels: readonly string[], spec: ModelSpec | undefined) {
  const rules = new Map<string, DerivedColumn>();
  for (const label of labels) {
    const rule = spec?.derived?.[label];
    if (rule !== undefined && derivedFrom(rule).every((name) => table.has(name))) rules.set(label, rule);
  }
  return rules;
}

async function withRules(
  columns: Map<string, RawColumn>,
  rules: ReadonlyMap<string, DerivedColumn>,
  table: Table,
): Promise<ReadonlyMap<string, RawColumn>> {
  if (rules.size === 0) return columns;
  const report = new Report();
  const read = await table.read([...new Set([...rules.values()].flatMap(derivedFrom))]);
  const made = [...rules].map(([label, rule]) => [label, derivedValues(label, rule, read, report)] as const);
  await report.throwIfAny(table);
  return new Map([...columns, ...made]);
}

type Positives = Pick<LabelCounts, "rows" | "positives">;

/** The share of positive rows; `null` without rows. */
export function positiveRate({ rows, positives }: Positives): number | null {
  return rows === 0 ? null : positives / rows;
}

/** Over the given rows, or over all. */
function countPositives(label: RawColumn, rows: ArrayLike<number> | null): Positives {
  const column = label.kind === "text" ? (parseTruths(label) ?? label) : label;
  let count = 0;
  let positives = 0;
  const length = rows === null ? columnRows(column) : rows.length;
  for (let at = 0; at < length; at++) {
    const row = rows === null ? at : rows[at]!;
    if (column.kind !== "number" || !hasValue(column, row)) continue;
    count += 1;
    if (column.values[row]! > 0) positives += 1;
  }
  return { rows: count, positives };
}

/** The rows of each domain, ascending; rows without a domain are missing values of that column. */
function rowsByDomain(column: RawColumn): [number | string, number[]][] {
  if (column.kind === "list") return [];
  const rows = new Map<number, number[]>();
  for (let row = 0; row < columnRows(column); row++) {
    if (!hasValue(column, row)) continue;
    const domain = (column.kind === "text" ? column.codes[row] : column.values[row]) as number;
    const domainRows = rows.get(domain);
    if (domainRows === undefined) rows.set(domain, [row]);
    else domainRows.push(row);
  }
  const named = [...rows].map(([domain, domainRows]): [number | string, number[]] => {
    return [column.kind === "text" ? column.words[domain]! : domain, domainRows];
  });
  return named.sort(([a], [b]) => (a < b ? -1 : 1));
}
