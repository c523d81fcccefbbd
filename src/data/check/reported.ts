/** Converts problems and counted warnings of encoding to findings with example rows. */
import type { Problem } from "../../errors/index.js";
import { expressionColumn, type FeatureSpec, inputColumn, markedColumns } from "../../spec/feature/feature.js";
import type { ModelSpec } from "../../spec/model.js";
import { fixOf, type Report, type WarningKind } from "../encode/report.js";
import type { Example, RowProblem } from "../table/column.js";
import type { Table } from "../table/table.js";

export function problemFinding({ path, message, received, expected, fix }: Problem): Finding {
  const text = received === undefined ? message : `${message}: ${received}`;
  return warning(path, text, { severity: "error", expected: expected ?? null, fix: fix ?? null });
}

export function warning(path: string, message: string, parts: Partial<Finding>): Finding {
  return { severity: "warning", path, message, rows: null, examples: [], expected: null, fix: null, ...parts };
}

export async function reportedFindings(report: Report, table: Table, spec: ModelSpec): Promise<Finding[]> {
  const findings = report.problems.map(problemFinding);
  const add = async (severity: Finding["severity"], problem: RowProblem, fix: string | null): Promise<void> => {
    const { column, message, rows, expected = null } = problem;
    const examples = await located(problem.examples, table);
    findings.push(warning(columnPath(table, column), message, { severity, rows, examples, expected, fix }));
  };
  for (const problem of report.rowProblems) await add("error", problem, (await fixOf(problem, table)) ?? null);
  const readers = firstReaders(spec);
  const marked = markedColumns(spec);
  for (const problem of report.rowWarnings) {
    if (marked.has(problem.column) && problem.message.startsWith("no value")) continue;
    await add("warning", problem, warningFixes[problem.kind](readers.get(problem.column)));
  }
  return findings;
}

export function columnPath(table: Table, column: string): string {
  return `${table.source}: column "${column}"`;
}

export function located(examples: readonly Example[], table: Table): Promise<ExampleRow[]> {
  return Promise.all(examples.map(async ({ row, received }) => ({ ...(await table.locate(row)), value: received })));
}

const warningFixes: Readonly<Record<WarningKind, (feature: FeatureSpec | undefined) => string | null>> = {
  "absent domain": () => "add rows of that domain, or reduce the number of domains",
  "default value": (feature) =>
    `set the value that you mean, such as .default(0), and add missingFeature(${JSON.stringify(feature?.name)}) if a missing value tells something`,
  "id beyond 2^53": () => "write the ids as text, or as integers below 2^63 in a Parquet file",
  "id outside the table": (feature) => {
    if (feature === undefined || (feature.kind !== "id" && feature.kind !== "combo")) return null;
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

/** A row that shows a finding. */
export interface ExampleRow {
  readonly source: string;
  readonly row: number;
  readonly value: string;
}

/** A problem (`error`: training rejects it) or a remark (`warning`: training continues). */
export interface Finding {
  readonly severity: "error" | "warning";
  /** The place: a column of a file, or a path into the model such as `features.price`. */
  readonly path: string;
  readonly message: string;
  /** Number of affected rows; `null` if the finding is about a column or the whole model. */
  readonly rows: number | null;
  readonly examples: readonly ExampleRow[];
  /** The expected value; `null` if the message contains it. */
  readonly expected: string | null;
  /** How to fix it; `null` if that depends on the intention. */
  readonly fix: string | null;
}

/** The findings of a table. */
export interface TableCheck {
  /** The checked source: a path, or the kind of columns in memory. */
  readonly source: string;
  readonly rows: number;
  /** The findings, errors first. */
  readonly findings: readonly Finding[];
}
