/** What a user holds of data: a thin, immutable wrapper over a table, with encoding cached per model. */
import type {
  ColumnInfo,
  CsvOptions,
  DanfoFrame,
  EncodedRows,
  FrameClass,
  Row,
  StorageOptions,
  Table,
  TableSource,
} from "../../data/index.js";
import { DataError } from "../../errors/index.js";
import { notebookDisplay, noteSeed } from "../../port/index.js";
import { assertValid, type FeatureSpec, type ModelSpec } from "../../spec/index.js";
import { permutation, random } from "../../util/random.js";
import { count } from "../../util/text/format.js";
import { Displayable, type DisplayBundle, loadFrameClass } from "../output/index.js";
import { DataCheck } from "./check.js";
import { type DatasetSplitOptions, leakNotes, zoneNotes } from "./split.js";
import { DataSummary } from "./summary.js";

/** A model, of which data look at the spec. */
export interface ModelLike {
  /** The model as frozen data. */
  readonly spec: ModelSpec;
}

/** What {@link dataset} opens. */
export type DatasetSource = TableSource | Dataset;

/** What {@link Dataset.describe} looks at beside the columns. */
export interface DatasetDescribeOptions {
  /** Label columns, whose positive rates are told. Default: the model's labels where a model is given. */
  readonly labels?: readonly string[];
  /** Column whose values are the domains. */
  readonly domain?: string;
  /** A model whose labels, domains and domain names are taken where they are not named here. */
  readonly model?: ModelLike;
  /** Training rows: how many rows here hold values that those do not (out-of-vocabulary rate), column by column. */
  readonly against?: DatasetSource;
}

/** What {@link Dataset.check} compares with. */
export interface DatasetCheckOptions {
  /** The rows that the model is or was trained on, where the data set is another: tells of ids that training lacks. */
  readonly training?: DatasetSource;
}

/** Rows to train on, evaluate and look at. Made by {@link dataset}. */
export class Dataset extends Displayable {
  /** The rows themselves, for what the methods here do not offer. */
  readonly table: Table;
  /** What opening and splitting said of these rows, such as labels that leak from the future. */
  readonly notes: readonly string[];
  readonly #encoded = new Map<string, Promise<EncodedRows>>();
  readonly #storage: StorageOptions;

  /** Use {@link dataset}. @internal */
  constructor(table: Table, notes: readonly string[] = [], storage: StorageOptions = {}) {
    super();
    this.table = table;
    this.notes = notes;
    this.#storage = storage;
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
    if (!(Number.isInteger(count) && count > 0)) {
      throw new DataError({
        path: "sample",
        message: "must be a positive integer",
        received: String(count),
      });
    }
    noteSeed("sample", seed);
    const rows = permutation(this.rows, random(seed).fork("sample")).slice(0, count).sort();
    return new Dataset(this.table.take(rows), this.notes, this.#storage);
  }

  /** Only these columns. Throws a DataError for a name that is not there. */
  select(...names: readonly string[]): Dataset {
    return new Dataset(this.table.select(...names), this.notes, this.#storage);
  }

  /**
   * Parts that share no row, in the ratio of the numbers given: at random, by time, by user, or stratified by a column
   * such as the domain; seeded. Where the split is not by time, held-out rows whose user has later rows in the first
   * part are counted, and told in the parts' `notes`: training sees their future.
   *
   * @example
   * const { train, test } = await data.split({ train: 9, test: 1 }, { by: { time: "timestamp" } });
   * const parts = await data.split({ train: 8, test: 2 }, { stratify: "scene", seed: 7 });
   */
  async split<Part extends string>(
    parts: Readonly<Record<Part, number>>,
    options: DatasetSplitOptions = {},
  ): Promise<Record<Part, Dataset>> {
    const { split } = await import("../../data/index.js");
    const tables = await split(this.table, parts, options);
    const leaks = await leakNotes(this.table, Object.entries<Table>(tables), options);
    const notes = [...new Set([...this.notes, ...(await zoneNotes(this.table, options)), ...leaks])];
    const entries = Object.entries<Table>(tables).map(([name, table]) => [
      name,
      new Dataset(table, notes, this.#storage),
    ]);
    return Object.fromEntries(entries) as Record<Part, Dataset>;
  }

  /**
   * Rows, types, missing values, cardinalities, top values; positive rates of labels by domain; and how much of each
   * column training rows do not know. Exact, over all rows.
   *
   * @example
   * await test.describe({ model, against: train });
   */
  async describe(options: DatasetDescribeOptions = {}): Promise<DataSummary> {
    const { describe } = await import("../../data/index.js");
    const { towers, domains } = options.model?.spec ?? { towers: [], domains: null };
    const labels = options.labels ?? [...new Set(towers.map((tower) => tower.label))];
    const domain = options.domain ?? domains?.column;
    const against = options.against === undefined ? undefined : (await dataset(options.against)).table;
    const names = domain === domains?.column ? (domains?.names ?? null) : null;
    return new DataSummary(
      await describe(this.table, { labels, domain, against, spec: options.model?.spec }),
      names,
      this.notes,
    );
  }

  /**
   * Everything that would go wrong if `model` trained on these rows, all at once: missing columns, wrong types, labels
   * and domains out of range, missing values, ids outside their tables, single-class domains, empty and constant
   * features; each with its place, count, example rows and a fix. Nothing is trained, and nothing thrown.
   *
   * @example
   * await data.check(model);
   * await test.check(model, { training: train });  // also: ids that training has not seen
   */
  async check(model: ModelLike, options: DatasetCheckOptions = {}): Promise<DataCheck> {
    const { check } = await import("../../data/index.js");
    const training = options.training === undefined ? undefined : (await dataset(options.training)).table;
    return new DataCheck(await check(this.table, model.spec, { training }));
  }

  /** Every column as a plain array: what `new DataFrame(…)` of danfo takes. */
  toColumns(): Promise<Record<string, unknown[]>> {
    return this.table.toColumns();
  }

  /**
   * Every column as a danfo DataFrame. danfo is your own package, loaded now. Throws a DataError that says how to
   * install it where it is missing. Above 100,000 rows a frame takes gigabytes: look at a `sample`, or write Parquet.
   *
   * @param frameClass danfo's `DataFrame`, for its own type (or name the type: `toDanfo<DataFrame>()`)
   *
   * @example
   * const frame = await data.sample(10_000).toDanfo();
   * import { DataFrame } from "danfojs-node";
   * const typed = await data.toDanfo(DataFrame);
   */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    // Before the columns are read: a missing package is reported at once.
    const Frame = await loadFrameClass(frameClass);
    return new Frame(await this.toColumns());
  }

  /** Writes a Parquet file and returns its path. */
  toParquet(path: string): Promise<string> {
    return this.table.toParquet(path);
  }

  /**
   * The columns as a model's features, labels and domains. Cached in memory, and for files on disk too: models that
   * share these share the encoding. What is larger than a quarter of `memoryMB` stays on disk (`isStreamed` tells).
   * Throws a DataError that names everything that does not fit, or where the files have changed since they were opened.
   */
  async encode(spec: ModelSpec): Promise<EncodedRows> {
    await this.table.assertUnchanged();
    const { features, labels, sampleWeights, domains, extra, towers } = spec;
    const tasks = towers.map((tower) => [
      tower.label,
      tower.numClass,
      tower.losses,
      tower.sampleWeight,
      tower.taskSpace,
    ]);
    const columns = features.map(columnOf);
    const key = JSON.stringify({ columns, labels, sampleWeights, domains, extra, tasks });
    const known = this.#encoded.get(key);
    if (known) return known;
    const fresh = encodeTable(this.table, spec, this.#storage);
    this.#encoded.set(key, fresh);
    fresh.catch(() => this.#encoded.delete(key));
    return fresh;
  }

  /** A preview for the notebook. */
  async bundle(): Promise<DisplayBundle> {
    const { previewBundle } = await import("./preview.js");
    return previewBundle(this.table, this.notes);
  }
}

/** How {@link dataset} opens and keeps rows. */
export interface DatasetOptions extends StorageOptions, CsvOptions {}

/** Opens data sets: `dataset(source)` or `dataset.sql(query)`. */
export interface OpenDataset {
  /**
   * Opens a data set: a path, glob or folder of Parquet or CSV files, or several; a
   * danfo DataFrame; an array of row objects; or an object of columns.
   *
   * What a model makes of files is kept in a cache, so that the same notebook starts quicker the next time; files that
   * have changed are read anew. Encoded rows that are larger than a quarter of `memoryMB` (1,024) stay on disk while
   * they are trained on.
   *
   * Throws a DataError where it cannot be read or has no rows.
   *
   * @example
   * const data = await dataset("logs/2024-*.parquet");
   * const once = await dataset("logs/2024-*.parquet", { cache: false, memoryMB: 4096 });
   * const bare = await dataset("ratings.dat", { separator: "::", names: ["user_id", "item_id", "rating", "time"] });
   */
  (source: DatasetSource, options?: DatasetOptions): Promise<Dataset>;
  /**
   * The rows of a query, run once by DuckDB: files are read in place, joined and filtered. Throws a DataError with
   * DuckDB's own words where it cannot be run.
   *
   * @example
   * const data = await dataset.sql("select * from 'train.parquet' join 'items.csv' using (item_id) where clk is not null");
   */
  sql(query: string): Promise<Dataset>;
}

/** Opens data sets. */
export const dataset: OpenDataset = Object.assign(openDataset, {
  sql: (query: string): Promise<Dataset> => openDataset({ sql: query }),
});

async function openDataset(source: DatasetSource, options: DatasetOptions = {}): Promise<Dataset> {
  if (source instanceof Dataset) return source;
  const { isFrame, mostFrameRows, openTable } = await import("../../data/index.js");
  const table = await openTable(source, { ...options, signal: notebookDisplay()?.signal() });
  const slow = isFrame(source) && table.rows > mostFrameRows;
  return new Dataset(table, [...table.notes, ...(slow ? [frameNote(table.rows)] : [])], options);
}

function frameNote(rows: number): string {
  return `a data frame of ${count(rows, "row")}: Parquet files are read many times faster and in less memory (await data.toParquet("rows.parquet"), then dataset("rows.parquet"))`;
}

/** What decides a feature's column: not how its ids are embedded, so that variants of a model share the encoding. */
function columnOf(feature: FeatureSpec): unknown {
  if (feature.kind === "other") return feature;
  const { embeddingDim, embeddingName: _, pooling: __, ...column } = feature;
  return { ...column, embedded: embeddingDim !== null };
}

async function encodeTable(table: Table, spec: ModelSpec, storage: StorageOptions): Promise<EncodedRows> {
  const { encodedRows } = await import("../../data/index.js");
  assertValid(spec);
  return encodedRows(table, spec, storage);
}
