/** Locates findings of encoding in files and rows, with example rows and fixes. */
import type { ExampleRow, Finding } from "../../errors/finding.js";
import type { Problem } from "../../errors/index.js";
import { expressionColumn, type FeatureSpec, inputColumn } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { type Report, type RowJudge, withoutMarked } from "../encode/report.js";
import type { Example, RowFinding } from "../row-findings.js";
import type { Table } from "../table/table.js";

/** A problem that training refuses. */
export function refused(problem: Problem): Finding {
  return { ...problem, severity: "error" };
}

export async function reportedFindings(report: Report, spec: ModelSpec): Promise<Finding[]> {
  const { table } = report;
  const readers = firstReaders(spec);
  const errors = report.errors.map(async (finding) => locatedFinding(finding, await report.fixOf(finding), table));
  const others = withoutMarked(report.accepted, spec).map(({ column, judge, ...finding }) =>
    locatedFinding({ ...finding, column, judge }, fixes[judge as RowJudge](readers.get(column)), table),
  );
  return [...report.problems.map(refused), ...(await Promise.all([...errors, ...others]))];
}

async function locatedFinding(finding: RowFinding, fix: string | undefined, table: Table): Promise<Finding> {
  const examples = await located(finding.examples, table);
  return { ...finding, path: columnPath(table, finding.column), rows: finding.rows || undefined, examples, fix };
}

export function columnPath(table: Table, column: string): string {
  return `${table.source}: column "${column}"`;
}

export function located(examples: readonly Example[], table: Table): Promise<ExampleRow[]> {
  return Promise.all(examples.map(async ({ row, received }) => ({ ...(await table.locate(row)), value: received })));
}

const fixes: Readonly<Record<RowJudge, (feature: FeatureSpec | undefined) => string | undefined>> = {
  "absent domain": () => "add rows of that domain, or reduce the number of domains",
  "default value": (feature) =>
    `set the value that you mean, such as .default(0), and add missingFeature(${JSON.stringify(feature?.name)}) if a missing value tells something`,
  "id beyond 2^53": () => "write the ids as text, or as integers below 2^63 in a Parquet file",
  "id outside the table": (feature) => {
    if (feature === undefined || (feature.kind !== "id" && feature.kind !== "combo")) return undefined;
    return feature.encoding.kind === "buckets"
      ? `raise .buckets(${feature.encoding.count}) above the largest id, use .hash(size), or correct the column`
      : "add the values to the vocabulary, or use .hash(size)";
  },
  "integer with a point": () => 'write integers without a point (pandas: astype("Int64"))',
  "no value": () => 'fill the column, or set a value for missing ids with .default("…")',
  "row number with a fraction": () => "write whole numbers: the column contains rows of the embedding table",
  "time without a zone": () => "write times with a zone: 2024-05-06T10:30:00+02:00",
};

function firstReaders(spec: ModelSpec): ReadonlyMap<string, FeatureSpec> {
  const readers = new Map<string, FeatureSpec>();
  for (const feature of spec.features) {
    if (feature.kind === "other") continue;
    const source =
      feature.kind === "combo" ? feature.expressions.map(expressionColumn).join(" × ") : inputColumn(feature);
    for (const column of [feature.name, source]) if (!readers.has(column)) readers.set(column, feature);
  }
  return readers;
}

/** The findings of a table. */
export interface TableCheck {
  /** The checked source: a path, or the kind of columns in memory. */
  readonly source: string;
  readonly rows: number;
  /** The findings, errors first, then by severity. */
  readonly findings: readonly Finding[];
}
