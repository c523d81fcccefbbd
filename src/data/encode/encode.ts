/** Encodes a table for a spec in one pass over the source; collects every problem before it throws. */
import { domainName, type ModelSpec } from "../../spec/model.js";
import { inTurns } from "../../util/turns.js";
import { numbersWritten } from "../cells.js";
import { derivedValues } from "../derived-values.js";
import type { DataWarning, EncodedData } from "../encoded/encoded.js";
import type { RawColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { collectParts } from "./collect-parts.js";
import { encodingPart } from "./encode-part.js";
import { type EncodeOptions, type EncodingPlan, planEncoding } from "./plan.js";
import { Report } from "./report.js";

export type { EncodeOptions } from "./plan.js";

/**
 * Encodes a table for a model into memory. A feature reads the column with its name if it exists, else its
 * expression's. Throws a DataError that names every missing column and the first row of every kind of bad value
 * (label, domain, number, id); values outside a vocabulary or range and missing ids become counted warnings.
 * @example
 * const data = await encode(await openTable("train.parquet"), model.spec);
 * data.features.get("user_id");   // { kind: "ids", ids: Int32Array [rows] }
 */
export async function encode(table: Table, spec: ModelSpec, options: EncodeOptions = {}): Promise<EncodedData> {
  const report = new Report();
  const plan = planEncoding(table, spec, options, report);
  const data = await collectParts(table.rows, encodeParts(table, plan, report));
  await report.throwIfAny(table);
  return { ...data, warnings: report.warnings };
}

/** Encodes the rows part by part, in the table's order, so that only one part of the source is in memory. */
export async function* encodeParts(table: Table, plan: EncodingPlan, report: Report): AsyncGenerator<EncodedData> {
  for await (const { encoded } of encodePartsBeside(table, plan, report, [])) yield encoded;
}

/** Some encoded rows, with some of their raw columns. */
export interface EncodedPart {
  readonly encoded: EncodedData;
  readonly columns: ReadonlyMap<string, RawColumn>;
}

/** {@link encodeParts} with the raw columns that encoding reads, and `others`. */
export async function* encodePartsBeside(
  table: Table,
  plan: EncodingPlan,
  report: Report,
  others: readonly string[],
): AsyncGenerator<EncodedPart> {
  let rows = 0;
  const occurrence = new Uint8Array(plan.domain?.count ?? 0);
  for await (const part of table.parts([...new Set([...plan.columns, ...others])], plan.written)) {
    report.startPart(rows);
    const columns = withDerived(plan, withNumbers(part.columns, plan.written), report);
    const ids = plan.derived.size === 0 ? part.columns : new Map([...columns, ...writtenOnes(part.columns, plan)]);
    const encoded = await inTurns(encodingPart(plan, { ids, values: columns }, part.rows, report));
    for (const domain of encoded.domains ?? []) occurrence[domain] = 1;
    yield { encoded, columns };
    rows += part.rows;
  }
  if (plan.domain === null) return;
  for (const [domain, flag] of occurrence.entries()) {
    const name = domainName(plan.spec, domain);
    if (flag === 0)
      report.absentDomain(plan.domain.column, `no row has domain ${domain} (${name}), so its towers learn nothing`);
  }
}

/** Parses columns of numbers that are stored as text. */
function withNumbers(
  columns: ReadonlyMap<string, RawColumn>,
  written: readonly string[],
): ReadonlyMap<string, RawColumn> {
  if (written.length === 0) return columns;
  return new Map([...columns].map(([name, column]) => [name, written.includes(name) ? asNumbers(column) : column]));
}

/** The columns, with those that rules compute from them. */
function withDerived(
  { derived }: EncodingPlan,
  columns: ReadonlyMap<string, RawColumn>,
  report: Report,
): ReadonlyMap<string, RawColumn> {
  if (derived.size === 0) return columns;
  const all = new Map(columns);
  for (const [name, rule] of derived) {
    report.about(name);
    all.set(name, derivedValues(name, rule, columns, report));
  }
  report.about("");
  return all;
}

/** The columns that are read as text although they hold numbers. */
function writtenOnes(columns: ReadonlyMap<string, RawColumn>, { written }: EncodingPlan): [string, RawColumn][] {
  return written.map((name) => [name, columns.get(name)!]);
}

function asNumbers(column: RawColumn): RawColumn {
  return column.kind === "text" ? numbersWritten(column) : column;
}

/** Encodes rows part by part; only one part is in memory. */
export interface PredictionRows {
  /** Adds these raw columns. Throws a DataError with every problem after the last row. */
  parts(others: readonly string[]): AsyncGenerator<EncodedPart>;
  /** The counts of all parts so far. */
  readonly warnings: readonly DataWarning[];
}

/** Encodes the rows of a table for predictions, without labels. */
export function predictionRows(table: Table, spec: ModelSpec): PredictionRows {
  const checked = encodedParts(table, spec, { labels: false });
  return {
    parts: checked.parts,
    get warnings() {
      return checked.warnings.filter(({ rows }) => rows > 0);
    },
  };
}

/** Encodes the rows of a table for training, for a single pass. */
export function encodedParts(table: Table, spec: ModelSpec, options: EncodeOptions = {}): PredictionRows {
  const report = new Report();
  return {
    get warnings() {
      return report.warnings;
    },
    async *parts(others) {
      const plan = planEncoding(table, spec, options, report);
      for await (const part of encodePartsBeside(table, plan, report, others)) {
        // After a problem the parts are useless, but encoding continues to report all problems.
        if (report.problems.length + report.rowProblems.length === 0) yield part;
      }
      await report.throwIfAny(table);
    },
  };
}
