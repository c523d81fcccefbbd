/** Looks for constant features and for ids that are missing in the training data, part by part. */
import type { FeatureSpec } from "../../spec/feature/feature.js";
import type { FeatureColumn } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";
import { valueAt } from "../table/column.js";
import type { Table } from "../table/table.js";
import type { DataFacts } from "./facts.js";
import { located } from "./reported.js";

export class FeatureLook {
  /** The common value of all rows so far; `null`: no values; `undefined`: values differ, or no rows yet. */
  #only: OnlyValue | null | undefined;
  #rows = 0;
  readonly #unseen = new Fault();

  /** @param usedInTraining 1 for each row of the feature's table that training uses; `null`: not checked */
  constructor(
    readonly feature: FeatureSpec,
    private readonly usedInTraining: Uint8Array | null,
  ) {}

  add(column: FeatureColumn | undefined, rows: number, first: number): void {
    if (column === undefined || rows === 0) return;
    const partValue = this.#rows === 0 || this.#only !== undefined ? onlyValue(column, rows) : undefined;
    if (this.#rows === 0) this.#only = partValue;
    else if (partValue?.exact !== this.#only?.exact || partValue === undefined) this.#only = undefined;
    this.#rows += rows;
    const { usedInTraining } = this;
    if (usedInTraining === null || column.kind === "dense") return;
    // An id whose embedding no training row has updated still has its random initial values.
    const offsets = column.kind === "bag" ? column.offsets : null;
    for (let row = 0; row < rows; row++) {
      const ids = column.ids.subarray(offsets?.[row] ?? row, offsets?.[row + 1] ?? row + 1);
      const unseen = ids.find((id) => id >= 0 && usedInTraining[id] !== 1);
      if (unseen !== undefined) this.#unseen.note(first + row, `row ${unseen} of the table`);
    }
  }

  /** The one value of all rows, if there is one. */
  get constant(): NonNullable<DataFacts["constants"]>[number] | null {
    if (this.#rows < 2 || this.#only === undefined) return null;
    return { feature: this.feature.name, text: this.#only?.text ?? null };
  }

  get unseen(): Fault | null {
    return this.#unseen.rows > 0 ? this.#unseen : null;
  }
}

interface OnlyValue {
  readonly exact: string;
  readonly text: string;
}

/** The common value of a column: `null` without values, `undefined` if values differ. */
function onlyValue(column: FeatureColumn, rows: number): OnlyValue | null | undefined {
  if (column.kind === "dense") {
    const { values, dim } = column;
    for (let at = dim; at < values.length; at++) if (values[at] !== values[at % dim]) return undefined;
    const first = [...values.subarray(0, dim)];
    return { exact: first.join(), text: `value ${first.map((value) => Number(value.toPrecision(6))).join(", ")}` };
  }
  const ids = column.kind === "bag" ? column.ids.subarray(0, column.offsets[rows]) : column.ids;
  if (ids.length === 0) return null;
  const first = ids[0]!;
  if (column.kind === "bag") {
    for (let row = 0; row <= rows; row++) if (column.offsets[row] !== row) return undefined;
  }
  for (const id of ids) if (id !== first) return undefined;
  return first < 0 ? null : { exact: String(first), text: `row ${first} of its table` };
}

export interface UnseenIds {
  readonly feature: FeatureSpec;
  readonly column: string;
  readonly rows: Fault;
}

/** Number of features whose examples are read at once: reading one column scans the whole file. */
const readAtOnce = 200;

/** The rows with ids that training lacks, with their values in the user's notation. */
export async function unseenRows(unseen: readonly UnseenIds[], table: Table): Promise<DataFacts["unseen"]> {
  const results: NonNullable<DataFacts["unseen"]>[number][] = [];
  for (let start = 0; start < unseen.length; start += readAtOnce) {
    const some = unseen.slice(start, start + readAtOnce);
    const valueText = await exampleValues(some, table);
    for (const { feature, column, rows } of some) {
      const examples = rows.examples.map((example) => ({
        ...example,
        received: valueText(column, example.row) ?? example.received,
      }));
      results.push({ feature: feature.name, column, rows: rows.rows, examples: await located(examples, table) });
    }
  }
  return results;
}

/** The column values of example rows, in the user's notation; `null` if a feature reads several columns. */
async function exampleValues(unseen: readonly UnseenIds[], table: Table) {
  const names = [...new Set(unseen.map(({ column }) => column))].filter((name) => table.has(name));
  const rows = [...new Set(unseen.flatMap(({ rows: { examples } }) => examples.map(({ row }) => row)))].sort(
    (a, b) => a - b,
  );
  const columns = names.length === 0 ? new Map() : await table.take(Int32Array.from(rows)).read(names);
  const places = new Map(rows.map((row, place) => [row, place]));
  return (name: string, row: number): string | null => {
    const column = columns.get(name);
    return column === undefined ? null : JSON.stringify(valueAt(column, places.get(row)!));
  };
}
