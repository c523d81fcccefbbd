/**
 * Converts problems and counted warnings of encoding to findings with example rows.
 */
import type { Problem } from "../../errors/index.js";
import type { FeatureSpec, ModelSpec } from "../../spec/index.js";
import { expressionColumn } from "../../spec/index.js";
import type { Example, Report } from "../encode/report.js";
import type { Table } from "../table/table.js";
import type { ExampleRow, Finding } from "./finding.js";

/** Converts a problem without rows to a finding. */
export function problemFinding({ path, message, received, expected, fix }: Problem): Finding {
  const text = received === undefined ? message : `${message}: ${received}`;
  return {
    severity: "error",
    path,
    message: text,
    rows: null,
    examples: [],
    expected: expected ?? null,
    fix: fix ?? null,
  };
}

/** Converts a whole report to findings. */
export async function reportedFindings(report: Report, table: Table, spec: ModelSpec): Promise<Finding[]> {
  const findings = report.problems.map(problemFinding);
  for (const problem of report.rowProblems) {
    const examples = problem.examples ?? [{ row: problem.row, received: problem.received ?? "" }];
    findings.push({
      severity: "error",
      path: columnPath(table, problem.column),
      message: problem.message,
      rows: problem.rows,
      examples: await located(examples, table),
      expected: problem.expected ?? null,
      fix: problem.fix ?? null,
    });
  }
  const readers = readersOf(spec);
  for (const warning of report.rowWarnings) {
    findings.push({
      severity: "warning",
      path: columnPath(table, warning.column),
      message: warning.message,
      rows: warning.rows,
      examples: await located(warning.examples, table),
      expected: null,
      fix: warningFix(warning.message, readers.get(warning.column)),
    });
  }
  return findings;
}

/** The displayed place of a column. */
export function columnPath(table: Table, column: string): string {
  return `${table.source}: column "${column}"`;
}

/** The sources of example rows. */
export function located(examples: readonly Example[], table: Table): Promise<ExampleRow[]> {
  return Promise.all(examples.map(async ({ row, received }) => ({ ...(await table.locate(row)), value: received })));
}

/** Suggested fixes for counted warnings. */
function warningFix(message: string, feature: FeatureSpec | undefined): string | null {
  if (message.startsWith("no row has domain")) return "add rows of that domain, or reduce the number of domains";
  if (message.startsWith("no value: the default,"))
    return `set the value that you mean, such as .default(0), and add missingFeature(${JSON.stringify(feature?.name)}) if a missing value tells something`;
  if (message.startsWith("no value")) return 'fill the column, or set a value for missing ids with .default("…")';
  if (message.startsWith("id beyond")) return "write the ids as text, or as integers below 2^63 in a Parquet file";
  if (message.startsWith("an integer with zeros")) return 'write integers without a point (pandas: astype("Int64"))';
  if (message.startsWith("a time without a zone")) return "write times with a zone: 2024-05-06T10:30:00+02:00";
  if (feature === undefined || (feature.kind !== "id" && feature.kind !== "combo")) return null;
  return feature.encoding.kind === "buckets"
    ? `raise .buckets(${feature.encoding.count}) above the largest id, use .hash(size), or correct the column`
    : "add the values to the vocabulary, or use .hash(size)";
}

/** The first feature that reads each column. */
function readersOf(spec: ModelSpec): ReadonlyMap<string, FeatureSpec> {
  const readers = new Map<string, FeatureSpec>();
  for (const feature of spec.features) {
    if (feature.kind === "other") continue;
    const source =
      feature.kind === "combo"
        ? feature.expressions.map(expressionColumn).join(" × ")
        : expressionColumn(feature.expression);
    for (const column of [feature.name, source]) if (!readers.has(column)) readers.set(column, feature);
  }
  return readers;
}
