/** Data sets: rows with names and roles, from files, frames and queries. */
import type { StorageOptions } from "../../core/data/encoded/encoded-rows.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { CsvOptions, CsvType } from "../../core/data/sources/csv/options.js";
import type { Columns, FrameLike } from "../../core/data/sources/memory.js";
import type { LeakColumns } from "../../core/data/summary/label-counts.js";
import type { ColumnInfo } from "../../core/data/table/column.js";
import type { SqlSource, TableSource } from "../../core/data/table/open.js";
import { columnRoles, type Roles, rolesAmong } from "../../core/data/table/roles.js";
import type { SplitOptions } from "../../core/data/table/split.js";
import type { Row, Table } from "../../core/data/table/table.js";
import { findingText } from "../../core/errors/finding.js";
import { DataError } from "../../core/errors/index.js";
import type { FeatureSpec } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { checkOptions, type OptionNames } from "../../core/spec/validate/checks.js";
import { assertComputable } from "../../core/spec/validate/model.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import { getOrMake } from "../../core/util/growing.js";
import { SharedValue, type SignalOptions, withSignal } from "../../core/util/interrupt.js";
import { count } from "../../core/util/text.js";
import type { Fixed, NamedSpec } from "../names.js";
import type { DisplayBundle } from "../result.js";
import { DataCheck, DataSummary } from "./summary.js";
import type { ColumnName, ResultKind, RowOfColumns, RowOfObjects, RowOfTypes, VerbsChain } from "./types.js";
import { assertNames, DataQuery, DataVerbs, type OtherRows, rowsTable, sampleTable } from "./verbs.js";

const datasetOptions: OptionNames<DatasetOptions> = {
  cache: true,
  memoryMB: true,
  header: true,
  names: true,
  separator: true,
  nulls: true,
  encoding: true,
  decimal: true,
  thousands: true,
  types: true,
  signal: true,
  user: true,
  item: true,
  time: true,
  session: true,
  sessionGap: true,
  zone: true,
};

/** A model; data sets read only its spec. `F`: features; `L`: labels. */
export interface ModelLike<F extends string = string, L extends string = string> {
  readonly spec: NamedSpec<F, L>;
}

/** The sources that {@link dataset} opens. */
export type DatasetSource = TableSource | Dataset | DataQuery<Row, DatasetKind>;

/** The data sets that verbs return. */
export interface DatasetKind extends ResultKind {
  readonly data: Dataset<this["row"]>;
}

/** Options of {@link Dataset.describe}. `C`: columns; `F`, `L`: features and labels of the model. */
export interface DatasetDescribeOptions<C extends string = string, F extends string = string, L extends string = string>
  extends SignalOptions {
  /** Label columns whose positive rates are computed. Default: the labels of `model`, if set. */
  readonly labels?: readonly (C | Fixed<L>)[];
  readonly domain?: C;
  /** A model that supplies labels, domains and domain names that are not set here. */
  readonly model?: ModelLike<F, L>;
  /** Training rows: adds each column's share of values that they lack, and the drift of columns and label rates. */
  readonly training?: DatasetSource;
  /** User column, or an id feature that reads it, for drift. Default: the first `grouped_auc`'s key. Never guessed. */
  readonly user?: C | Fixed<F> | null;
}

/** Options of {@link Dataset.check}. `C`: columns, and features of the model that read one. */
export interface DatasetCheckOptions<C extends string = string> extends SignalOptions {
  /** The model's training rows, if they are not this data set: reports ids that training lacks, and drift. */
  readonly training?: DatasetSource;
  readonly user?: C | null;
}

/** Rows for training, evaluation and inspection, made by `dataset`. `R`: the type of a row; {@link Row}: unknown. */
export class Dataset<out R = Row> extends DataVerbs<R, DatasetKind> {
  /** The underlying table, for operations without a method here. */
  readonly table: Table;
  /** Notes from opening and splitting, such as labels that leak from the future. */
  readonly notes: readonly string[];
  readonly #encoded = new Map<string, SharedValue<EncodedRows>>();
  readonly #storage: StorageOptions;
  /** Data sets derived from this one have them, too. */
  readonly #notes: readonly string[];

  /** Use {@link dataset}. @internal */
  constructor(
    table: Table,
    notes: readonly string[] = [],
    storage: StorageOptions = {},
    proposal: string | null = null,
  ) {
    super();
    this.table = table;
    this.#notes = notes;
    this.notes = proposal === null ? notes : [...notes, proposal];
    this.#storage = storage;
  }

  /** The notes that are passed on to derived data sets: all except proposals of roles. @internal */
  get carriedNotes(): readonly string[] {
    return this.#notes;
  }

  get rows(): number {
    return this.table.rows;
  }

  get columns(): readonly ColumnInfo[] {
    return this.table.columns;
  }

  /**
   * The same rows, with these columns as user, item, time and session. Splits, intervals, folds and checks go by them: `split`
   * holds out the newest rows, `evaluate` draws users. Verbs, parts of a split and Parquet files keep them. They
   * replace all earlier roles. Throws a DataError for a missing column, times that cannot be read or are all equal, one
   * user or session in all rows, and sessions of several users.
   * @example
   * const log = await data.roles({ user: "user_id", item: "item_id", time: "ts" });
   */
  async roles(roles: Roles<ColumnName<R>>): Promise<Dataset<R>> {
    const { withCheckedRoles } = await import("../../core/data/table/role-checks.js");
    const { table, notes } = await withCheckedRoles(this.table, roles);
    return new Dataset(table, [...new Set([...this.#notes, ...notes])], this.#storage);
  }

  /** `count` rows drawn at random without replacement (all rows if there are fewer), in their original order. */
  sample(count: number, seed = 1): Dataset<R> {
    return new Dataset(sampleTable(this.table, count, seed), this.#notes, this.#storage);
  }

  /** A data set with only these columns. Throws a DataError for an unknown name. */
  select<Name extends ColumnName<R>>(...names: readonly Name[]): Dataset<Pick<R, Name>> {
    assertNames("select", names);
    return new Dataset(this.table.select(...names), this.#notes, this.#storage);
  }

  /**
   * Splits into disjoint parts in the ratio of the given numbers: by time if a column has this role, or at random, by
   * user, or stratified by a column such as the domain; seeded. Unless the split is by time, the parts' `notes` count
   * held-out rows whose user has later rows in the first part: training then sees their future.
   * @example
   * const { train, test } = await data.split({ train: 9, test: 1 }, { by: { time: "timestamp" } });
   * const random = await log.split({ train: 9, test: 1 }, { by: "random" });
   * const parts = await data.split({ train: 8, test: 2 }, { stratify: "scene", seed: 7 });
   */
  async split<Part extends string>(
    parts: Readonly<Record<Part, number>>,
    options: DatasetSplitOptions<keyof R & string> = {},
  ): Promise<Record<Part, Dataset<R>>> {
    checkOptions("split", options, ["by", "stratify", "seed", "leaks", "labels", "signal"], DataError);
    const { split, splitBy } = await import("../../core/data/table/split.js");
    const by = splitBy(this.table, options);
    const { named, added } = await withSignal(options.signal, async () => {
      const named = Object.entries<Table>(await split(this.table, parts, { ...options, by }));
      return { named, added: await splitNotes(this.table, named, { ...options, by }) };
    });
    const notes = [...new Set([...this.#notes, ...added])];
    if (options.by === undefined && by !== "random") notes.push(timeSplitNote(this.table.roles, options));
    const entries = named.map(([name, table]) => [name, new Dataset<R>(table, notes, this.#storage)]);
    return Object.fromEntries(entries) as Record<Part, Dataset<R>>;
  }

  /**
   * Rows, types, missing values, cardinalities, top values; positive rates of labels by domain; and, if training rows
   * are passed, each column's share of values that they lack, and its drift. Exact, over all rows.
   * @example
   * const summary = await test.describe({ model, training: train });
   * await summary.chart("drift");
   */
  async describe<F extends string = never, L extends string = never>(
    options: DatasetDescribeOptions<keyof R & string, F, L> = {},
  ): Promise<DataSummary> {
    checkOptions("describe", options, ["labels", "domain", "model", "training", "user", "signal"], DataError);
    const { describe } = await import("../../core/data/summary/describe.js");
    const { towers, domains } = options.model?.spec ?? { towers: [], domains: null };
    const labels = options.labels ?? [...new Set(towers.map((tower) => tower.label))];
    const domain = options.domain ?? domains?.column;
    const names = domain === domains?.column ? (domains?.names ?? null) : null;
    const { model, user } = options;
    const facts = await withSignal(options.signal, async () => {
      const training = options.training === undefined ? undefined : await rowsTable(options.training);
      return describe(this.table, { labels, domain, training, user, spec: model?.spec });
    });
    return new DataSummary(facts, names, [...this.#notes, ...(facts.drift?.notes ?? [])]);
  }

  /**
   * Checks these rows for training `model` and reports all problems: missing columns, wrong types, labels and domains
   * out of range, missing values, ids outside their tables, single-class domains, empty and constant features; each
   * with its location, count, example rows and a fix. Does not train, and throws for nothing but an unknown `user`.
   * @example
   * await data.check(model);
   * await test.check(model, { training: train });  // also reports ids that training lacks, and drift
   */
  async check<F extends string = never>(
    model: ModelLike<F>,
    options: DatasetCheckOptions<(keyof R & string) | Fixed<F>> = {},
  ): Promise<DataCheck> {
    checkOptions("check", options, ["training", "user", "signal"], DataError);
    const { check } = await import("../../core/data/check/check.js");
    const { userSource } = await import("../../core/data/summary/row-groups.js");
    const { missingColumn } = await import("../../core/data/table/table.js");
    const users = typeof options.user === "string" ? userSource(model.spec, this.table, options.user) : null;
    if (users !== null && !this.table.has(users)) throw new DataError(missingColumn(this.table, users));
    return withSignal(options.signal, async () => {
      const training = options.training === undefined ? undefined : await rowsTable(options.training);
      return new DataCheck(await check(this.table, model.spec, { training, user: options.user }));
    });
  }

  /**
   * The state of these rows' priors when the log ends, for `withPriors` and for a feature store. Each row is a key
   * (`_key`: its columns as JSON, `[]` for the whole log; and their values) from a time on (`_since`; empty: the end of
   * the log), with each label's rows (`click_n`), positives (`click_s`) and last time (`click_last`), also by window
   * (`click_n_7d`). A key has further rows for times at which late labels become known or rows leave a window. `_about` describes the
   * state in its first row: delays, windows, and the strengths of the rates. Throws a DataError unless the rows are the
   * whole result of `priors`.
   * @example
   * const log = await data.priors(["click"], { by: ["user_id"], delay: "1h" });
   * await (await log.priorsState()).toParquet("state.parquet");
   */
  async priorsState({ signal }: SignalOptions = {}): Promise<Dataset> {
    const { priorsState } = this.table;
    if (priorsState === null) {
      throw new DataError({
        path: `${this.table.source}: priorsState`,
        message: "these rows are not the whole result of priors",
        expected: "the data set that priors returns, before other verbs and splits",
        fix: "const log = await data.priors(…); const state = await log.priorsState()",
      });
    }
    return withSignal(signal, async () => {
      const { Table } = await import("../../core/data/table/table.js");
      return new Dataset(new Table(await priorsState()), [], this.#storage);
    });
  }

  /** @internal */
  chain(): VerbsChain {
    const storage = this.#storage;
    return {
      memoryMB: storage.memoryMB,
      start: { table: this.table, notes: this.#notes },
      steps: [],
      finish: ({ table, notes }) => new Dataset(table, notes, storage),
    };
  }

  /**
   * Encodes the columns as a model's features, labels and domains. Cached in memory and, for files, on disk: models
   * with the same columns share the encoding. An encoding larger than a quarter of `memoryMB` stays on disk
   * (`isStreamed` is true). Throws a DataError that names all problems, or if the files have changed since they were
   * opened.
   */
  async encode(spec: ModelSpec): Promise<EncodedRows> {
    await this.table.assertUnchanged();
    const { features, labels, sampleWeights, domains, derived, extra, towers } = spec;
    const tasks = towers.map(({ label, numClass, losses, sampleWeight, taskSpace }) => {
      return [label, numClass, losses, sampleWeight, taskSpace];
    });
    const columns = features.map(featureKey);
    const key = JSON.stringify({ columns, labels, sampleWeights, domains, derived, extra, tasks });
    const encoded = getOrMake(this.#encoded, key, () => new SharedValue<EncodedRows>());
    return encoded.get(() => encodeTable(this.table, spec, this.#storage));
  }

  /** The columns with their types, and the notes; the rows are read when a notebook shows them. */
  override toString(): string {
    const { table, notes } = this;
    const width = Math.max(...table.names.map((name) => name.length));
    return [
      `${count(table.rows, "row")} of ${table.source}`,
      ...table.columns.map(({ name, type }) => `  ${name.padEnd(width)}  ${type}`),
      ...notes.map((note) => `note: ${note}`),
    ].join("\n");
  }

  /** A preview for the notebook. */
  async bundle(): Promise<DisplayBundle> {
    const { previewBundle } = await import("./preview.js");
    return previewBundle(this.table, this.notes);
  }
}

/** The cache key of a feature's column, without how ids are embedded: variants of a model share the encoding. */
function featureKey(feature: FeatureSpec): unknown {
  if (feature.kind === "other") return feature;
  const { embeddingDim, embeddingName: _, pooling: __, ...column } = feature;
  return { ...column, embedded: embeddingDim !== null };
}

async function encodeTable(table: Table, spec: ModelSpec, storage: StorageOptions): Promise<EncodedRows> {
  const { encodedRows } = await import("../../core/data/encoded/encoded-rows.js");
  assertComputable(spec);
  return encodedRows(table, spec, storage);
}

/** Options of `data.split`. `C`: columns. */
export interface DatasetSplitOptions<C extends string = string> extends SplitOptions<C>, SignalOptions {
  /** User and time columns, to count labels that leak from the future. Default: by name and type. `null`: no check. */
  readonly leaks?: LeakColumns<C> | null;
  readonly labels?: readonly string[];
}

function timeSplitNote({ time }: Roles, { seed }: DatasetSplitOptions): string {
  const unused = seed === undefined ? "" : `, without use of the seed ${seed}`;
  return `split by time: each part is newer than those before it, by column "${time}"${unused}; for a random split: { by: "random" }`;
}

/** Times without a zone in a split's columns, and held-out rows whose user has later rows in the first part. */
async function splitNotes(
  whole: Table,
  [training, ...others]: readonly (readonly [string, Table])[],
  { by, leaks, labels }: DatasetSplitOptions,
): Promise<string[]> {
  const { futureLeaks, guessLeakColumns, leakObservations } = await import("../../core/data/summary/label-counts.js");
  const { zoneNote } = await import("../../core/data/table/table.js");
  const watched = leaks === undefined ? guessLeakColumns(whole) : leaks;
  const order = typeof by === "object" && "time" in by ? by.time : null;
  const notes: (string | null)[] = [];
  const time = whole.columns.find(({ name }) => name === (order ?? watched?.time));
  if (time?.type === "text" || time?.type === "timestamp") {
    notes.push(zoneNote(time.name, (await whole.read([time.name])).get(time.name)!));
  }
  if (order === null && watched !== null && training !== undefined) {
    for (const [name, held] of others) {
      const place = (column: string): string => `part "${name}", column "${column}"`;
      const leakage = leakObservations(await futureLeaks(training[1], held, watched), place, labels);
      notes.push(...leakage.map((leak) => `${findingText(leak)}; if this is intended: { leaks: null }`));
    }
  }
  return notes.filter((note) => note !== null);
}

/** Options of {@link dataset}; `Name`: the columns that may have roles. */
export interface DatasetOptions<Name extends string = string>
  extends StorageOptions,
    CsvOptions,
    SignalOptions,
    Roles<Name> {}

/** Sources whose columns are known only at run time. */
type UntypedSource = string | readonly string[] | SqlSource | FrameLike | Table;

/** The type of the rows of a source; {@link Row} if its columns are known only at run time. */
export type RowOf<Source> = 0 extends 1 & Source
  ? Row
  : Source extends Dataset<infer R> | DataQuery<infer R, DatasetKind>
    ? R
    : Source extends UntypedSource
      ? Row
      : Source extends readonly (infer Item)[]
        ? RowOfObjects<Item>
        : Source extends Columns
          ? RowOfColumns<Source>
          : Row;

/**
 * Columns of a source, or `Left`, those of a run's rows, if it is left out; any text if they are known only at run
 * time. In cells, which are not strict, the compiler treats `null` as `any`.
 */
export type ColumnsOf<Source, Left extends string = string> = 0 extends 1 & Source
  ? null extends string
    ? Left
    : string
  : Source extends null | undefined
    ? Left
    : keyof RowOf<Source> & string;

/** Opens data sets: `dataset(source)` or `dataset.sql(query)`. */
export interface OpenDataset {
  /**
   * Opens CSV files with types for some columns; the rows then have these types: `row.price` is a number or `null`. Throws a
   * DataError for a cell of another type.
   * @example const shops = await dataset("shops.csv", { types: { zip: "text", price: "float" } });
   */
  <const Types extends Readonly<Record<string, CsvType>>>(
    source: string | readonly string[],
    options: DatasetOptions & { readonly types: Types },
  ): Promise<Dataset<RowOfTypes<Types>>>;
  /**
   * Opens a data set: a path, glob or folder of Parquet or CSV files, or several; a data frame; a query.
   *
   * Encoded files are cached, so that the same notebook starts faster the next time; changed files are read again.
   * Encoded rows larger than a quarter of `memoryMB` (1,024) stay on disk during training.
   * Throws a DataError if the source cannot be read or has no rows.
   * @typeParam R the type of a row, for the editor; it is not checked against the file
   * @example
   * const data = await dataset("logs/2024-*.parquet");
   * const once = await dataset("logs/2024-*.parquet", { cache: false, memoryMB: 4096 });
   * const bare = await dataset("ratings.dat", { separator: "::", names: ["user_id", "item_id", "rating", "time"] });
   * const sales = await dataset<{ price: number; city: string | null }>("sales.parquet");
   */
  <R = Row>(source: UntypedSource, options?: DatasetOptions): Promise<Dataset<R>>;
  /**
   * Opens an array of row objects, an object of columns, or any other source. The rows have the types of the objects or
   * columns. Throws a DataError if the source has no rows or a column mixes types.
   * @example
   * const data = await dataset([{ city: "Oslo", price: 3 }, { city: "Rome", price: 9 }]);
   * const dear = await data.where((row) => row.price > 5);
   */
  <Source extends DatasetSource | readonly object[]>(
    source: Source,
    options?: DatasetOptions<keyof RowOf<Source> & string>,
  ): Promise<Dataset<RowOf<Source>>>;
  /**
   * The rows of a query, run once by DuckDB on one thread: files are read in place, joined and filtered. The order of
   * the rows is that of {@link DataVerbs.sql}. Throws a DataError with DuckDB's message if the query fails or returns
   * no rows.
   * @param tables data sets by the names that the query uses, which may be parts of a split
   * @example
   * const data = await dataset.sql("select * from 'train.parquet' join 'items.csv' using (item_id) where clk is not null order by time");
   * const sold = await dataset.sql("select * from train semi join items using (item_id) order by time", { train, items: "items.csv" });
   */
  sql<R = Row>(
    query: string,
    tables?: Readonly<Record<string, OtherRows>>,
    options?: SignalOptions,
  ): Promise<Dataset<R>>;
}

/** Opens data sets. */
export const dataset: OpenDataset = Object.assign(openDataset, { sql: queryDataset }) as OpenDataset;

async function queryDataset(
  sql: string,
  others: Readonly<Record<string, OtherRows>> = {},
  { signal }: SignalOptions = {},
): Promise<Dataset> {
  return withSignal(signal, async () => {
    const entries = Object.entries(others).map(async ([name, rows]) => [name, await rowsTable(rows)] as const);
    return openDataset({ sql, tables: Object.fromEntries(await Promise.all(entries)) });
  });
}

async function openDataset(source: DatasetSource, all: DatasetOptions = {}): Promise<Dataset> {
  checkOptions("dataset", all, Object.keys(datasetOptions), DataError);
  const { signal, ...options } = all;
  return withSignal(signal, async () => {
    const opened = await openRows(source, options);
    const roles = rolesAmong(options);
    return Object.values(roles).some((role) => role !== undefined) ? opened.roles(roles) : opened;
  });
}

async function openRows(source: DatasetSource, options: DatasetOptions): Promise<Dataset> {
  if (source instanceof Dataset || source instanceof DataQuery) return source;
  const { isFrame } = await import("../../core/data/sources/memory.js");
  const { mostFrameRows } = await import("../../core/data/table/danfo.js");
  const { openTable } = await import("../../core/data/table/open.js");
  const { rolesNote } = await import("../../core/data/table/likely-roles.js");
  const table = await openTable(source, options);
  const notes = [...table.notes];
  if (isFrame(source) && table.rows > mostFrameRows) {
    notes.push(
      `a data frame of ${count(table.rows, "row")}: Parquet files are read many times faster and in less memory (await data.toParquet("rows.parquet"), then dataset("rows.parquet"))`,
    );
  }
  const isGiven = columnRoles.some((role) => options[role] !== undefined);
  return new Dataset(table, notes, options, isGiven ? null : await rolesNote(table));
}

/** The users of rows, with notes. */
export interface Users {
  /** `null`: unknown, so single rows are resampled. */
  readonly column: UserColumn | null;
  readonly notes: readonly string[];
}

/** @param name a column, or an id feature that reads one; `undefined`: the model's @throws DataError if missing */
export async function resolveUsers(spec: ModelSpec, table: Table, name: string | null | undefined): Promise<Users> {
  const { userCodes, userSource } = await import("../../core/data/summary/row-groups.js");
  const source = userSource(spec, table, name);
  if (source === null) return { column: null, notes: [] };
  const codes = userCodes(source, (await table.read([source])).get(source)!);
  return { column: { name: source, codes }, notes: unknownNotes(source, codes) };
}

function unknownNotes(name: string, codes: Int32Array): readonly string[] {
  const unknown = codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
  if (unknown === 0) return [];
  const rows = unknown === 1 ? "1 row has" : `${count(unknown, "row")} have`;
  return [`${rows} no ${name}: intervals draw such rows one by one, and the AUC by user excludes them`];
}
