/** Features that hold nothing to learn from, and rows whose ids training has never seen; part by part. */
import type { FeatureSpec } from "../../spec/index.js";
import { Fault } from "../encode/report.js";
import type { FeatureColumn } from "../encoded/encoded.js";
import { valueAt } from "../table/column.js";
import type { Table } from "../table/table.js";
import type { Finding } from "./finding.js";
import { columnPath, located } from "./reported.js";

/** What is found about one feature. */
export class FeatureLook {
  /** The value of all rows so far; `null`: none at all; `undefined`: they differ, or there was no row. */
  #only: OnlyValue | null | undefined;
  #rows = 0;
  readonly #unseen = new Fault();

  /** @param seen 1 for each row of the feature's table that training uses; `null`: not asked */
  constructor(
    readonly feature: FeatureSpec,
    private readonly seen: Uint8Array | null,
  ) {}

  /** Looks at some rows, of which the first is row `first` of the table; `undefined`: the feature cannot be read. */
  add(column: FeatureColumn | undefined, rows: number, first: number): void {
    if (column === undefined || rows === 0) return;
    const own = this.#rows === 0 || this.#only !== undefined ? onlyValue(column, rows) : undefined;
    if (this.#rows === 0) this.#only = own;
    else if (own?.exact !== this.#only?.exact || own === undefined) this.#only = undefined;
    this.#rows += rows;
    if (this.seen !== null && column.kind !== "dense") this.#noteUnseen(column, rows, first, this.seen);
  }

  /** What was found, without the values of example rows: {@link unseenFinding} adds what tells of unseen ids. */
  findings(table: Table): Finding[] {
    return this.#rows >= 2 && this.#only !== undefined ? [emptyOrConstant(this.feature, this.#only, table)] : [];
  }

  /** Rows with ids that training has never seen; `null`: there are none. */
  get unseen(): Fault | null {
    return this.#unseen.rows > 0 ? this.#unseen : null;
  }

  /** Rows with an id whose embedding no training row has touched: it is still as it was drawn at random. */
  #noteUnseen(column: Exclude<FeatureColumn, { kind: "dense" }>, rows: number, first: number, seen: Uint8Array): void {
    for (let row = 0; row < rows; row++) {
      const from = column.kind === "bag" ? column.offsets[row]! : row;
      const to = column.kind === "bag" ? column.offsets[row + 1]! : row + 1;
      for (let at = from; at < to; at++) {
        const id = column.ids[at]!;
        if (id < 0 || seen[id] === 1) continue;
        this.#unseen.note(first + row, `row ${id} of the table`);
        break;
      }
    }
  }
}

/** A value that all rows have. */
interface OnlyValue {
  readonly exact: string;
  /** For people. */
  readonly shown: string;
}

function emptyOrConstant(feature: FeatureSpec, only: OnlyValue | null, table: Table): Finding {
  const empty = only === null;
  return {
    severity: "warning",
    path: `features.${feature.name}`,
    message: empty ? "has no value in any row" : `is the same in every row (${only.shown})`,
    rows: table.rows,
    examples: [],
    expected: "values that differ between rows",
    fix: empty ? "fill the column, or leave the feature out" : "leave the feature out: it tells no rows apart",
  };
}

/** The one value of a column: `null` where it has none at all, `undefined` where values differ. */
function onlyValue(column: FeatureColumn, rows: number): OnlyValue | null | undefined {
  if (column.kind === "dense") {
    const { values, dim } = column;
    for (let at = dim; at < values.length; at++) if (values[at] !== values[at % dim]) return undefined;
    const first = [...values.subarray(0, dim)];
    return { exact: first.join(), shown: `value ${first.map((value) => Number(value.toPrecision(6))).join(", ")}` };
  }
  const ids = column.kind === "bag" ? column.ids.subarray(0, column.offsets[rows]) : column.ids;
  if (ids.length === 0) return null;
  const first = ids[0]!;
  if (column.kind === "bag") {
    for (let row = 0; row <= rows; row++) if (column.offsets[row] !== row) return undefined;
  }
  for (const id of ids) if (id !== first) return undefined;
  return first < 0 ? null : { exact: String(first), shown: `row ${first} of its table` };
}

/** A feature whose column holds ids that training has never seen. */
export interface UnseenIds {
  readonly feature: FeatureSpec;
  /** The column that it reads, or several with × between. */
  readonly column: string;
  readonly rows: Fault;
}

/** Features whose examples are read at once: reading one column goes through the whole file. */
const readAtOnce = 200;

/** Findings of unseen ids, with what the example rows hold in the data if that is one column. */
export async function unseenFindings(unseen: readonly UnseenIds[], table: Table): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let start = 0; start < unseen.length; start += readAtOnce) {
    const some = unseen.slice(start, start + readAtOnce);
    const shown = await exampleValues(some, table);
    for (const { feature, column, rows } of some) {
      const examples = rows.examples.map((example) => ({
        ...example,
        received: shown(column, example.row) ?? example.received,
      }));
      findings.push({
        severity: "warning",
        path: columnPath(table, column),
        message: `holds ids of feature "${feature.name}" that no training row holds`,
        rows: rows.rows,
        examples: await located(examples, table),
        expected: "ids that training has seen: others keep the embedding they were drawn with",
        fix: "train on rows that hold them, or map rare ids to one row of their own (a vocabulary, or .hash(size))",
      });
    }
  }
  return findings;
}

/** What example rows hold in their columns, as a reader would write it; `null` where a feature reads several columns. */
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
