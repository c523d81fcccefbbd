/** What a user holds of data: a thin, immutable wrapper over a table, with encoding cached per model. */
import type { EncodedData } from "../data/encoded.js";
import type { ColumnInfo, DescribeOptions, Row, SplitOptions, Table, TableSource } from "../data/index.js";
import { assertValid, type ModelSpec } from "../spec/index.js";
import { permutation, random } from "../util/random.js";
import { DataSummary } from "./data-summary.js";
import { Displayable, type DisplayBundle } from "./display.js";

/** What {@link dataset} opens. */
export type DatasetSource = TableSource | Dataset;

/** Rows to train on, evaluate and look at. Made by {@link dataset}. */
export class Dataset extends Displayable {
  /** The rows themselves, for what the methods here do not offer. */
  readonly table: Table;
  readonly #encoded = new Map<string, Promise<EncodedData>>();

  /** Use {@link dataset}. */
  constructor(table: Table) {
    super();
    this.table = table;
  }

  /** Number of rows. */
  get rows(): number {
    return this.table.rows;
  }

  /** Columns with their types, in order. */
  get columns(): readonly ColumnInfo[] {
    return this.table.columns;
  }

  /** The first `count` rows as objects. */
  head(count = 5): Promise<Row[]> {
    return this.table.head(count);
  }

  /** `count` rows drawn at random without replacement (all, where there are fewer), in their order. */
  sample(count: number, seed = 1): Dataset {
    const rows = permutation(this.rows, random(seed).fork("sample")).slice(0, count).sort();
    return new Dataset(this.table.take(rows));
  }

  /** Only these columns. Throws a DataError for a name that is not there. */
  select(...names: readonly string[]): Dataset {
    return new Dataset(this.table.select(...names));
  }

  /**
   * Parts that share no row, in the ratio of the numbers given: at random, by time, by user, or stratified; seeded.
   *
   * @example
   * const { train, test } = await data.split({ train: 9, test: 1 }, { seed: 7 });
   */
  async split<Part extends string>(
    parts: Readonly<Record<Part, number>>,
    options: SplitOptions = {},
  ): Promise<Record<Part, Dataset>> {
    const { split } = await import("../data/index.js");
    const tables = await split(this.table, parts, options);
    const entries = Object.entries<Table>(tables).map(([name, table]) => [name, new Dataset(table)]);
    return Object.fromEntries(entries) as Record<Part, Dataset>;
  }

  /** Rows, types, missing values, cardinalities, top values, and positive rates of labels by domain. */
  async describe(options: DescribeOptions = {}): Promise<DataSummary> {
    const { describe } = await import("../data/index.js");
    return new DataSummary(await describe(this.table, options));
  }

  /** Every column as a plain array: what `new DataFrame(…)` of danfo takes. */
  toColumns(): Promise<Record<string, unknown[]>> {
    return this.table.toColumns();
  }

  /** Writes a Parquet file and returns its path. */
  toParquet(path: string): Promise<string> {
    return this.table.toParquet(path);
  }

  /**
   * The columns as a model's features, labels and domains. Cached: models that share these share the encoding.
   * Throws a DataError that names everything that does not fit.
   */
  encode(spec: ModelSpec): Promise<EncodedData> {
    const { features, labels, sampleWeights, domains, extra, towers } = spec;
    const tasks = towers.map((tower) => [
      tower.label,
      tower.numClass,
      tower.losses,
      tower.sampleWeight,
      tower.taskSpace,
    ]);
    const key = JSON.stringify({ features, labels, sampleWeights, domains, extra, tasks });
    const known = this.#encoded.get(key);
    if (known) return known;
    const fresh = encodeTable(this.table, spec);
    this.#encoded.set(key, fresh);
    fresh.catch(() => this.#encoded.delete(key));
    return fresh;
  }

  /** A preview for the notebook. */
  async bundle(): Promise<DisplayBundle> {
    const { previewBundle } = await import("./preview.js");
    return previewBundle(this);
  }
}

/**
 * Opens a data set: a path, glob or folder of Parquet or CSV files; a query that begins with `select`; a danfo
 * DataFrame; an array of row objects; or an object of columns.
 *
 * Throws a DataError where it cannot be read or has no rows.
 *
 * @example
 * const data = await dataset("logs/2024-*.parquet");
 */
export async function dataset(source: DatasetSource): Promise<Dataset> {
  if (source instanceof Dataset) return source;
  const { openTable } = await import("../data/index.js");
  return new Dataset(await openTable(source));
}

async function encodeTable(table: Table, spec: ModelSpec): Promise<EncodedData> {
  const { encode } = await import("../data/index.js");
  assertValid(spec);
  return encode(table, spec);
}
