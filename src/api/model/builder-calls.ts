/** Calls of builders as data, and the columns that they are chosen for. */
import type { Feature } from "../../builder/feature.js";
import { dateFeature, idFeature } from "../../builder/id-feature.js";
import { type Label, label } from "../../builder/learning-rates.js";
import { adam } from "../../builder/optimizers.js";
import { missingFeature, rawFeature } from "../../builder/raw-feature.js";
import type { ColumnSummary } from "../../data/summary/describe.js";
import type { RawColumn } from "../../data/table/column.js";
import type { Table } from "../../data/table/table.js";
import { stringLiteral } from "../../util/near.js";

/** A value in code: texts, numbers, lists, options, and calls. */
export type Argument =
  | string
  | number
  | boolean
  | readonly Argument[]
  | BuilderCall
  | { readonly [name: string]: Argument };

/** A call of a builder, and the methods that follow it. */
export interface BuilderCall {
  /** The function of `pepnet`; `t`: the steps of a tower. */
  readonly start: "pepnet" | "idFeature" | "rawFeature" | "missingFeature" | "dateFeature" | "label" | "adam" | "t";
  readonly values: readonly Argument[];
  readonly methods: readonly (readonly [name: string, ...values: Argument[]])[];
}

type Step = (...values: readonly unknown[]) => unknown;

const starts = { adam, idFeature, rawFeature, missingFeature, dateFeature, label } as unknown as Readonly<
  Partial<Record<BuilderCall["start"], Step>>
>;

function callCode({ start, values, methods }: BuilderCall): string {
  const first = start === "t" ? "(t) => t" : `${start}(${values.map(argumentCode).join(", ")})`;
  return first + methods.map(([name, ...options]) => `.${name}(${options.map(argumentCode).join(", ")})`).join("");
}

/** The value that the call returns. @param more functions by name, besides those of features and labels */
export function callResult<Value = Feature<string> & Label<string>>(
  { start, values, methods }: BuilderCall,
  more: Readonly<Record<string, Step>> = {},
): Value {
  const follow = (first: unknown): unknown =>
    methods.reduce((at, [name, ...options]) => (at as Record<string, Step>)[name]!(...options.map(result)), first);
  return (start === "t" ? follow : follow((more[start] ?? starts[start])!(...values.map(result)))) as Value;
}

function isCall(value: Argument): value is BuilderCall {
  return typeof value === "object" && "start" in value && "methods" in value;
}

function result(value: Argument): unknown {
  if (typeof value !== "object" || Array.isArray(value)) return value;
  if (isCall(value)) return callResult(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, result(each)]));
}

export function argumentCode(value: Argument): string {
  if (typeof value === "string") return stringLiteral(value);
  if (typeof value !== "object") return typeof value === "number" && value >= 10_000 ? grouped(value) : String(value);
  if (isCall(value)) return callCode(value);
  if (Array.isArray(value)) return `[${value.map(argumentCode).join(", ")}]`;
  const fields = Object.entries(value as Record<string, Argument>).map(
    ([name, each]) => `${name}: ${argumentCode(each)}`,
  );
  return `{ ${fields.join(", ")} }`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}

/** Rows that are read for the finer questions. */
const sampleRows = 50_000;
/** Larger tables are described by this many of their rows. */
const describedRows = 1_000_000;

export interface ColumnProfile {
  readonly summary: ColumnSummary;
  readonly rows: number;
  readonly filled: number;
  readonly sample: RawColumn;
  /** Mean number of words of a text; 0 for other columns. */
  readonly words: number;
  /** Share of texts with a `|`. */
  readonly several: number;
  /** Quantiles of a number: 1%, 50% and 99%; `null` for other columns. */
  readonly quantiles: readonly [low: number, middle: number, high: number] | null;
  readonly isDate: boolean;
  /** Whether some times are not at midnight. */
  readonly hasClock: boolean;
}

/** Every column of a table, by name. */
export async function columnProfiles(table: Table): Promise<ReadonlyMap<string, ColumnProfile>> {
  const { describe } = await import("../../data/summary/describe.js");
  const { textAsTimes } = await import("../../data/table/table.js");
  const whole = spaced(table, describedRows);
  const { columns } = await describe(whole);
  const read = await spaced(whole, sampleRows).read(
    columns.filter(({ type }) => type !== "other").map(({ name }) => name),
  );
  const profiles = new Map<string, ColumnProfile>();
  for (const summary of columns) {
    const sample = read.get(summary.name);
    if (sample === undefined) continue;
    const words = sample.kind === "text" ? sample.words : [];
    const times = sample.kind === "number" && sample.type === "timestamp" ? sample : textAsTimes(sample);
    profiles.set(summary.name, {
      summary,
      rows: whole.rows,
      filled: whole.rows - summary.missing,
      sample,
      words: words.length === 0 ? 0 : words.reduce((sum, word) => sum + word.split(/\s+/).length, 0) / words.length,
      several: words.length === 0 ? 0 : words.filter((word) => word.includes("|")).length / words.length,
      quantiles: quantilesIn(sample),
      isDate: times !== null,
      hasClock: (times?.values ?? []).some((time) => Number.isFinite(time) && time % 86_400_000 !== 0),
    });
  }
  return profiles;
}

function spaced(table: Table, count: number): Table {
  if (table.rows <= count) return table;
  return table.take(Int32Array.from({ length: count }, (_, at) => Math.floor((at * table.rows) / count)));
}

function quantilesIn(column: RawColumn): ColumnProfile["quantiles"] {
  if (column.kind !== "number") return null;
  const { values, valid } = column;
  const finiteValues = Float64Array.from(values).filter((value, row) => Number.isFinite(value) && valid?.[row] !== 0);
  if (finiteValues.length === 0) return null;
  finiteValues.sort();
  const at = (share: number): number => finiteValues[Math.floor(share * (finiteValues.length - 1))]!;
  return [at(0.01), at(0.5), at(0.99)];
}
