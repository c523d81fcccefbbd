/** Encodes a table by a model: into memory at once, or part by part. */
import { domainMessages, type ModelSpec, towersPerTask } from "../../spec/model.js";
import { grouped } from "../../util/text.js";
import { inTurns } from "../../util/turns.js";
import { numbersWritten } from "../cells.js";
import { derivedValues } from "../derived-values.js";
import type { EncodedData } from "../encoded/encoded.js";
import type { RawColumn } from "../table/column.js";
import type { Table } from "../table/table.js";
import { PartCollector } from "./collect-parts.js";
import { encodingPart } from "./encode-part.js";
import { type EncodeOptions, type EncodingPlan, planEncoding } from "./plan.js";

export type { EncodeOptions } from "./plan.js";

/** Encodes a table into memory. Throws a DataError with every missing column and the first row of each bad value. */
export async function encode(table: Table, spec: ModelSpec, options: EncodeOptions = {}): Promise<EncodedData> {
  const plan = planEncoding(table, spec, options);
  const collector = new PartCollector();
  for await (const { encoded } of validParts(plan)) collector.append(encoded);
  return { ...collector.finish(), warnings: plan.report.warnings };
}

export interface EncodedPart {
  readonly encoded: EncodedData;
  readonly columns: ReadonlyMap<string, RawColumn>;
}

/** The encoded parts of a table, even after problems. @param others raw columns to return beside the encoded ones */
export async function* encodeParts(plan: EncodingPlan, others: readonly string[] = []): AsyncGenerator<EncodedPart> {
  const { table, report } = plan;
  let rows = 0;
  const occurrence = new Uint8Array(plan.domain?.count ?? 0);
  for await (const part of table.parts([...new Set([...plan.columns, ...others])], plan.written)) {
    report.startPart(rows);
    const read = readColumns(plan, part.columns);
    const encoded = await inTurns(encodingPart(plan, read, part.rows));
    for (const domain of encoded.domains ?? []) occurrence[domain] = 1;
    yield { encoded, columns: read.values };
    rows += part.rows;
  }
  if (plan.domain === null) return;
  const absent = [...occurrence.keys()].filter((domain) => occurrence[domain] === 0);
  for (const message of absentDomains(plan.spec, absent)) report.absentDomain(plan.domain.column, message);
}

/** The parts up to the first problem. Throws a DataError with every problem after the last row. */
export async function* validParts(plan: EncodingPlan, others?: readonly string[]): AsyncGenerator<EncodedPart> {
  const { report } = plan;
  for await (const part of encodeParts(plan, others)) {
    if (report.problems.length + report.errors.length === 0) yield part;
  }
  await report.throwIfAny();
}

function absentDomains(spec: ModelSpec, absent: readonly number[]): string[] {
  const hasTowers = towersPerTask(spec) > 1;
  const alone = hasTowers ? ", which has towers of its own" : "";
  const share = `${grouped(absent.length)} of ${grouped(spec.domains!.count)} domains`;
  const towers = hasTowers ? ", which have towers of their own" : "";
  return domainMessages(spec, absent).map(({ of, names }) =>
    of.length === 1 ? `no row has domain ${names}${alone}` : `no row has one of ${share}${towers}: ${names}`,
  );
}

function readColumns({ derived, written, report }: EncodingPlan, read: ReadonlyMap<string, RawColumn>) {
  const numbers = [...read].map(([name, column]): [string, RawColumn] => {
    return [name, column.kind === "text" && written.includes(name) ? numbersWritten(column) : column];
  });
  const columns = new Map(numbers);
  if (derived.size === 0) return { ids: read, values: columns };
  const values = new Map(columns);
  for (const [name, rule] of derived) {
    report.about(name);
    values.set(name, derivedValues(name, rule, columns, report));
  }
  report.about("");
  return { ids: new Map([...values, ...written.map((name) => [name, read.get(name)!] as const)]), values };
}
