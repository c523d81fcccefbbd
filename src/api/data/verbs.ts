/** Verbs of data sets: filters, derived columns, groups, joins and queries, which run when their result is awaited. */

import { inspect } from "node:util";
import type { PriorsKey, PriorsOptions } from "../../core/data/priors/plan.js";
import type { HistoryOptions } from "../../core/data/query/history.js";
import type * as Query from "../../core/data/query/index.js";
import type { JoinOptions } from "../../core/data/query/join.js";
import type { NegativesOptions } from "../../core/data/query/negatives.js";
import type { TimePartsOptions } from "../../core/data/query/time-parts.js";
import type { DanfoFrame, FrameClass } from "../../core/data/table/danfo.js";
import type { TableSource } from "../../core/data/table/open.js";
import type { Row, Table } from "../../core/data/table/table.js";
import { DataError } from "../../core/errors/index.js";
import { noteSeed } from "../../core/port/notebook.js";
import { assertCount, checkOptions } from "../../core/spec/validate/checks.js";
import type { TimePart } from "../../core/util/epoch.js";
import { SharedValue } from "../../core/util/interrupt.js";
import { isObject } from "../../core/util/json.js";
import { permutation, random } from "../../core/util/random.js";
import { count } from "../../core/util/text.js";
import { Displayable, type DisplayBundle, loadFrameClass } from "../result.js";
import {
  type ColumnName,
  type Derived,
  type GroupName,
  type ResultKind,
  type ResultOf,
  type RowFunction,
  type RowOfCounts,
  type RowOfDerived,
  type RowOfGroups,
  type RowOfJoin,
  type RowOfMeans,
  type RowOfPivot,
  type RowOfPriors,
  type RowOfTimes,
  type RowValues,
  type RowWith,
  type SortBy,
  type VerbsChain,
  type VerbsResult,
  valuesCondition,
} from "./types.js";

/** Rows for another verb: a data set, its lazy verbs, or any source of rows. */
export type OtherRows = TableSource | DataVerbs<Row, ResultKind>;

/** The verbs of data sets with rows of type `R`. They are lazy: nothing runs until the result is awaited or shown. */
export abstract class DataVerbs<out R, out Kind extends ResultKind> extends Displayable {
  readonly #result = new SharedValue<VerbsResult>();

  /** The steps so far. @internal */
  abstract chain(): VerbsChain;

  /** Runs the steps, once, or again if they failed or were interrupted. @internal */
  result(): Promise<VerbsResult> {
    return this.#result.get(() => chainResult(this.chain()));
  }

  /** The first `count` rows as objects, in an array that a notebook shows as a table. */
  async head(count = 5): Promise<R[]> {
    const rows = await (await this.result()).table.head(count);
    const show = async (): Promise<DisplayBundle> => (await import("./preview.js")).rowsBundle(rows);
    return Object.defineProperty(rows, Symbol.for("Jupyter.display"), { value: show }) as R[];
  }

  /** All rows as objects. For small tables: a million row objects take gigabytes. */
  async toRows(): Promise<R[]> {
    return (await this.result()).table.toRows() as Promise<R[]>;
  }

  /** Every column as a plain array, for danfo's `new DataFrame(…)`. */
  async toColumns(): Promise<{ [Name in keyof R]: R[Name][] }> {
    return (await this.result()).table.toColumns() as Promise<{ [Name in keyof R]: R[Name][] }>;
  }

  /**
   * Every column as a danfo DataFrame. Install danfo yourself; it is loaded on first use. Throws a DataError with the
   * install command if danfo is missing. Above 100,000 rows a frame needs gigabytes: use a `sample`, or write Parquet.
   * @param frameClass danfo's `DataFrame`, for its own type (or name the type: `toDanfo<DataFrame>()`)
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
  async toParquet(path: string): Promise<string> {
    return (await this.result()).table.toParquet(path);
  }

  /** The first `count` rows, or all if there are fewer. */
  limit(count: number): DataQuery<R, Kind> {
    assertCount("limit", count, DataError);
    return this.#with(({ tableStep }) => tableStep("limit", (table) => table.slice(0, Math.min(count, table.rows))));
  }

  /**
   * Keeps the rows for which an SQL condition is true, that have certain values (a list: any of them; `null`: no
   * value), or for which a function returns true. They keep their order. Throws a DataError when awaited if the
   * condition is invalid.
   * @example
   * const adults = await data.where("age >= 18 and country is not null");
   * const home = await data.where({ scene: "home", city: ["Köln", "Zürich"] });
   * const even = await data.where((row) => row.user_id % 2 === 0);
   */
  where(condition: string | RowValues<ColumnName<R>> | RowFunction<R>): DataQuery<R, Kind> {
    if (typeof condition !== "string" && typeof condition !== "function" && !isObject(condition)) {
      const expected = "an SQL condition, an object of values by column, or a function of a row";
      throw wrongArgument("where", condition, expected, '.where("price > 3")');
    }
    if (typeof condition === "function") {
      return this.#with((query) => query.filterStep(condition as (row: Row) => unknown));
    }
    const name = typeof condition === "string" ? `where(${JSON.stringify(condition)})` : "where";
    return this.#with((query) => ({
      ...query.sqlStep(name, (frame) => {
        if (typeof condition === "string") return query.whereFrame(frame, condition);
        query.assertColumns(frame, Object.keys(condition), "where");
        return query.whereFrame(frame, valuesCondition(condition));
      }),
      isFilter: true,
    }));
  }

  /**
   * Adds columns, or replaces columns of the same name: SQL expressions of the present columns, or functions of a row.
   * @example
   * const more = await data.derive({ ctr: "clicks / nullif(shows, 0)", hour: "hour(epoch_ms(time))" });
   * const long = await data.derive({ words: (row) => row.title.split(" ").length });
   */
  derive<Columns extends Readonly<Record<string, Derived<R>>>>(
    columns: Columns,
  ): DataQuery<RowWith<R, RowOfDerived<Columns>>, Kind> {
    if (!isObject(columns)) {
      const expected = "an object of columns: SQL expressions or functions of a row";
      throw wrongArgument("derive", columns, expected, '.derive({ name: "a + b" })');
    }
    const entries = Object.entries(columns);
    const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === "string");
    const functions = entries.filter(([, column]) => typeof column !== "string") as [string, (row: Row) => unknown][];
    const name = `derive(${texts.map(([column, sql]) => `${column}: ${JSON.stringify(sql)}`).join(", ")})`;
    // Functions read the columns before any is replaced.
    const computed =
      functions.length === 0 ? this : this.#with((query) => query.computeStep(Object.fromEntries(functions)));
    if (texts.length === 0) return computed.#with();
    return computed.#with(({ deriveFrame, sqlStep }) =>
      sqlStep(name, (frame) => deriveFrame(frame, Object.fromEntries(texts))),
    );
  }

  /**
   * Adds parts of the time as columns of these names: `hour` (0 … 23), `weekday` (0: Monday … 6), `date` (text such as
   * `2024-05-06`). The time is the column with this role, on the clock of the roles' `zone`. Throws a DataError when
   * awaited if the column has no times, or if the data already have a column with such a name.
   * @example
   * const evenings = await log.dt("hour").where("hour >= 18");
   * const beijing = await data.dt(["date", "weekday"], { time: "ts", zone: "+08:00" });
   */
  dt<const Part extends TimePart, const Prefix extends string = "">(
    parts: Part | readonly Part[],
    options: TimePartsOptions<keyof R & string> & { readonly prefix?: Prefix } = {},
  ): DataQuery<RowOfTimes<R, Part, Prefix>, Kind> {
    if (!isObject(options)) {
      throw wrongArgument("dt", options, "options as the second argument", '.dt(["hour", "weekday"], { time: "ts" })');
    }
    checkOptions("dt", options, ["time", "zone", "prefix"], DataError);
    const { table } = this.chain().start;
    const { time, zone = table.roles.zone ?? "Z", prefix = "" } = options as TimePartsOptions;
    return this.#with(({ columnInRole, timePartsStep }) => {
      return timePartsStep([parts].flat(), columnInRole(table, "time", time, "dt.time"), zone, prefix);
    });
  }

  /**
   * Sorts rows by columns. Rows with equal values keep their order; missing values come last.
   * @example const latest = await data.sort("user_id", { desc: "time" });
   */
  sort(...keys: readonly SortBy<ColumnName<R>>[]): DataQuery<R, Kind> {
    for (const key of keys) {
      if (typeof key === "string" || (isObject(key) && typeof key.desc === "string")) continue;
      const words = isObject(key)
        ? Object.entries(key).map(([name, order]) => {
            const word = JSON.stringify(name);
            return order === "asc" ? word : `{ desc: ${word} }`;
          })
        : [listed([key ?? "name"].flat())];
      throw wrongArgument("sort", key, "columns one by one: a name, or { desc: name }", `.sort(${words.join(", ")})`);
    }
    const columns = keys.map((key) => (typeof key === "string" ? key : key.desc));
    return this.#with(({ assertColumns, columnKey, sortFrame, sqlStep }) =>
      sqlStep(`sort(${listed(keys)})`, (frame) => {
        assertColumns(frame, columns, "sort");
        const sorted = columns.map((column, at) => columnKey(column, typeof keys[at] !== "string"));
        return sortFrame(frame, sorted);
      }),
    );
  }

  /**
   * Groups rows by columns; `summarise` computes one row per group. Without a column, all rows are one group. `hour`,
   * `weekday` and `date` are parts of the time in the roles, as `dt` adds them, unless a column has this name.
   * @example
   * const rates = await data.groupBy("scene").summarise({ rows: "count(*)", ctr: "avg(clk)" });
   * const hours = await log.groupBy("hour").mean("clk");
   */
  groupBy<Name extends GroupName<R> = never>(...names: readonly Name[]): GroupedRows<R, Name, Kind> {
    assertNames("groupBy", names);
    const text = (): string =>
      `groups of rows by ${listed(names)}: .summarise({ rows: "count(*)" }) makes rows of them`;
    const groups: GroupedRows<R, Name, Kind> = {
      summarise: (columns) => {
        if (!isObject(columns)) {
          throw wrongArgument("summarise", columns, "an object of SQL aggregates", '.summarise({ rows: "count(*)" })');
        }
        const name = `summarise(${listed(Object.values(columns))})`;
        return this.#grouped(names, ({ sqlStep, summariseFrame }) => {
          return sqlStep(name, (frame) => summariseFrame(frame, names, columns));
        });
      },
      mean: (...columns) => {
        assertNames("mean", columns);
        return this.#grouped(names, ({ meanFrame, sqlStep }) => {
          return sqlStep(`mean(${listed(columns)})`, (frame) => meanFrame(frame, names, columns));
        });
      },
    };
    return Object.defineProperty(groups, inspect.custom, { value: text });
  }

  /**
   * The number of rows with each value, the most frequent first, in a column `count`; for several columns, of each combination.
   * Missing values count as one.
   * @example
   * const scenes = await data.valueCounts("scene");
   * const repeated = await data.valueCounts("user_id", "item_id").where("count > 1");
   */
  valueCounts<Name extends GroupName<R>>(...names: readonly Name[]): DataQuery<RowOfCounts<R, Name>, Kind> {
    assertNames("valueCounts", names);
    return this.#grouped(names, ({ valueCountsStep }) => valueCountsStep(names), false);
  }

  /**
   * A table with a row for each value of one column (or combination of several), and a column for each value of another,
   * ascending: `hour_0`, `hour_1` … Each cell is an SQL aggregate of its rows, or `null` without rows. Throws a
   * DataError when awaited if there would be more than 1,000 columns.
   * @example
   * const rates = await log.pivot("scene", "weekday", "avg(clk)");
   * const pairs = await data.pivot(["scene", "city"], "device", "count(*)");
   */
  pivot<Name extends GroupName<R>, Column extends GroupName<R>>(
    rows: Name | readonly Name[],
    columns: Column,
    cell: string,
  ): DataQuery<RowOfPivot<R, Name, Column>, Kind> {
    const names = [rows].flat() as Name[];
    assertNames("pivot", [...names, columns]);
    if (typeof cell !== "string") {
      const fix = `.pivot(${JSON.stringify(rows)}, ${JSON.stringify(columns)}, "count(*)")`;
      throw wrongArgument("pivot", cell, "an SQL aggregate as the third argument", fix);
    }
    return this.#grouped([...names, columns], ({ pivotStep }) => pivotStep(names, columns, cell));
  }

  /**
   * Joins the columns of another table, such as items or users. Rows keep their order. Rows without a match are counted
   * in the notes. Throws a DataError when awaited if a key is in several rows of the other table (unless `many` is
   * set), if the types of the keys differ, or if both tables have a column of the same name.
   * @example
   * const full = await data.join("items.csv", { on: "item_id" });
   * const named = await data.join("users.parquet", { on: { member: "user_id" }, prefix: "user_" });
   */
  join<const Options extends JoinOptions<keyof R & string>, Other = Row>(
    other: DataVerbs<Other, ResultKind> | TableSource,
    options: Options,
  ): DataQuery<RowOfJoin<R, Other, Options>, Kind> {
    if (!isObject(options)) {
      const fix = `.join(other, { on: ${JSON.stringify(typeof options === "string" ? options : "item_id")} })`;
      throw wrongArgument("join", options, "options as the second argument", fix);
    }
    return this.#with((query) => query.joinStep(() => rowsTable(other as OtherRows), options));
  }

  /**
   * Appends the rows of other tables with the same columns.
   * @example const week = await data.concat("tuesday.parquet", await dataset("wednesday.csv"));
   */
  concat(...others: readonly OtherRows[]): DataQuery<R, Kind> {
    return this.#with((query) => query.concatStep(() => Promise.all(others.map(rowsTable))));
  }

  /**
   * Adds a column with the items of the user's earlier rows, the latest `last` of them, oldest first. Rows at the same
   * time are not earlier: a row never sees itself or the future. User and time are the columns with these roles.
   * @example
   * const recent = await log.history("item_id");
   * const seen = await data.history("item_id", { by: "user_id", order: "time", last: 20 });
   * const clicked = await data.history("item_id", { by: "user_id", order: "time", positive: "clk", as: "clicked" });
   */
  history<Name extends ColumnName<R>, const As extends string = `${Name}_history`>(
    item: Name,
    options: HistoryOptions<keyof R & string> & { readonly as?: As } = {},
  ): DataQuery<RowWith<R, { [Column in As]: R[Name][] }>, Kind> {
    if (!isObject(options)) {
      const fix = `.history(${JSON.stringify(item)}, { by: "user_id", order: "time" })`;
      throw wrongArgument("history", options, "options as the second argument", fix);
    }
    return this.#with((query) => query.historyStep(item, options));
  }

  /**
   * Adds what was known before each row: by key (`by`), label and window, the number of earlier rows with this label
   * (`user_id_click_n`), the share of positives among them (`…_rate`), and the days since the last (`…_age`; in the
   * time's own unit if that is not a date). Earlier are rows strictly before the row's time minus the label's `delay`:
   * rows at the same time do not see each other. With `windows: ["7d"]` also the count and rate of the seven days
   * before (`…_n_7d`, `…_rate_7d`).
   *
   * A rate is (s + k·m) / (n + k), for s positives in n rows. m is the rate of the key without its last column, and for
   * a single column that of all rows so far; a window's m is the key's rate over all history. k is the value that makes
   * the labels known so far most likely. A new key has n = 0, its parent's rate, and as age the time since the log
   * began.
   *
   * Call it on the whole log before you split: each test row then has what production would know. Rows without a label
   * are not counted. Without a time, rows come in a fixed random order.
   * @param labels columns of 0 and 1 (or true and false, yes and no)
   * @example
   * const known = await log.priors(["click"], { delay: "1h" });
   * const more = await log.priors(["click", "buy"], {
   *   by: ["user_id", "item_id", ["item_id", "scene"]], windows: ["7d"], delay: { click: "1h", buy: "3d" }, after: "7d",
   * });
   */
  priors<
    const Label extends ColumnName<R>,
    const Key extends PriorsKey<ColumnName<R>> = never,
    const Window extends string = never,
  >(
    labels: readonly Label[],
    options: PriorsOptions<Key, Label, Window> = {},
  ): DataQuery<RowOfPriors<R, Label, Key, Window>, Kind> {
    if (!isObject(options)) {
      const fix = `.priors(${JSON.stringify(labels)}, { by: ["user_id"], delay: "1h" })`;
      throw wrongArgument("priors", options, "options as the second argument", fix);
    }
    const { memoryMB } = this.chain();
    return this.#with((query) => query.priorsStep(labels, options, memoryMB));
  }

  /**
   * Adds the priors of a state (`log.priorsState()`, or a Parquet file of it) to later rows: exactly those that
   * `priors` would give them at the end of the log. Labels that have become known since then count, and rows leave
   * windows as time passes; labels of these rows themselves do not count. Throws a DataError when awaited for rows
   * before the end of the log, and for missing keys.
   * @example
   * const state = await log.priorsState();
   * const tomorrow = await dataset("tomorrow.parquet");
   * const scores = await run.predict(await tomorrow.withPriors(state));
   */
  withPriors(state: OtherRows): DataQuery<R & Row, Kind> {
    const { memoryMB } = this.chain();
    return this.#with((query) => query.withPriorsStep(() => rowsTable(state), memoryMB));
  }

  /**
   * Adds random negatives: after each positive row, `per` copies of it with items that the user has no positive row
   * with. Without a column `label`, all rows are positives and the column is added. Other columns are copied from the
   * positive row: join columns of the item afterwards.
   * @example
   * const pairs = await data.negatives({ per: 4, user: "user_id", item: "item_id", from: "items.csv", seed: 7 });
   */
  negatives<const Label extends string = "label">(
    options: NegativesOptions<keyof R & string> & { readonly from?: OtherRows; readonly label?: Label },
  ): DataQuery<RowWith<R, { [Column in Label]: number }>, Kind> {
    if (!isObject(options)) {
      throw wrongArgument("negatives", options, "options", '.negatives({ per: 4, user: "user_id", item: "item_id" })');
    }
    const { from, ...others } = options;
    const items = from === undefined ? null : () => rowsTable(from);
    return this.#with((query) => query.negativesStep(others, items));
  }

  /**
   * The result of a query, in which these rows are the table `data`. Its order is that of `order by`; a query that only
   * filters and computes keeps the data's order; other results are sorted by all columns, and a note says so.
   * @param tables further tables by the names that the query uses
   * @example
   * const top = await data.sql("select item_id, count(*) as n from data group by item_id order by n desc, item_id limit 10");
   * const sold = await data.sql("select * from data semi join items using (item_id)", { items: "items.csv" });
   */
  sql<Result = Row>(query: string, tables: Readonly<Record<string, OtherRows>> = {}): DataQuery<Result, Kind> {
    return this.#with(({ queryTables }) => ({
      kind: "table",
      name: "sql",
      keepsNotes: false,
      async apply(data, notes) {
        const entries = Object.entries(tables).map(async ([name, other]) => [name, await rowsTable(other)] as const);
        return queryTables(query, { data, ...Object.fromEntries(await Promise.all(entries)) }, notes);
      },
    }));
  }

  /** Continues with rows of groups, whose names may be parts of the time. @internal */
  #grouped<Result>(
    names: readonly string[],
    step: (query: typeof Query) => Query.SqlStep,
    isSorted = true,
  ): DataQuery<Result, Kind> {
    const { roles } = this.chain().start.table;
    return this.#with((query) => ({ ...query.withTimeParts(step(query), names, roles, isSorted), keepsNotes: false }));
  }

  /** Continues lazily. @internal */
  #with<Result>(...steps: readonly LoadedStep[]): DataQuery<Result, Kind> {
    return continued(this.chain(), ...steps);
  }
}

/** Groups of rows: the result of `DataVerbs.groupBy`. */
export interface GroupedRows<R, Name extends GroupName<R>, Kind extends ResultKind> {
  /** One row per group with SQL aggregates, in the order in which the groups first appear. */
  summarise<Columns extends Readonly<Record<string, string>>>(
    columns: Columns,
  ): DataQuery<RowOfGroups<R, Name, Columns>, Kind>;
  /**
   * One row per group with the means of columns of numbers or booleans, such as the rates of labels, under their names.
   * Missing values are left out.
   * @example const rates = await data.groupBy("scene").mean("clk", "buy");
   */
  mean<Column extends ColumnName<R>>(...columns: readonly Column[]): DataQuery<RowOfMeans<R, Name, Column>, Kind>;
}

/** Lazy verbs on a data set: `await` returns the resulting data set; a cell that ends with it shows the result. */
export class DataQuery<out R, out Kind extends ResultKind>
  extends DataVerbs<R, Kind>
  implements PromiseLike<ResultOf<Kind, R>>
{
  readonly #chain: VerbsChain;
  readonly #data = new SharedValue<ResultOf<Kind, R>>();

  /** Use the verbs of a data set. @internal */
  constructor(chain: VerbsChain) {
    super();
    this.#chain = chain;
  }

  /** @internal */
  chain(): VerbsChain {
    return this.#chain;
  }

  /** A data set with only these columns, in this order. Throws a DataError when awaited for an unknown name. */
  select<Name extends ColumnName<R>>(...names: readonly Name[]): DataQuery<Pick<R, Name>, Kind> {
    assertNames("select", names);
    return continued(this.#chain, ({ selectFrame, sqlStep }) => {
      return sqlStep(`select(${listed(names)})`, (frame) => selectFrame(frame, names));
    });
  }

  /** `count` rows drawn at random without replacement (all rows if there are fewer), in their original order. */
  sample(count: number, seed = 1): DataQuery<R, Kind> {
    return continued(this.#chain, ({ tableStep }) => tableStep("sample", (table) => sampleTable(table, count, seed)));
  }

  /** `Dataset.split` of the result. */
  get split(): End<Kind, R, "split"> {
    return this.#end("split");
  }

  /** `Dataset.describe` of the result. */
  get describe(): End<Kind, R, "describe"> {
    return this.#end("describe");
  }

  /** `Dataset.roles` of the result. */
  get roles(): End<Kind, R, "roles"> {
    return this.#end("roles");
  }

  /** `Dataset.priorsState` of the result. */
  get priorsState(): End<Kind, R, "priorsState"> {
    return this.#end("priorsState");
  }

  /** `Dataset.check` of the result. */
  get check(): End<Kind, R, "check"> {
    return this.#end("check");
  }

  #end<Name extends string>(name: Name): End<Kind, R, Name> {
    type Ends = Readonly<Record<Name, (...options: unknown[]) => unknown>>;
    return (async (...options: unknown[]) => ((await this) as unknown as Ends)[name](...options)) as never;
  }

  /** Runs the verbs, once, or again if they failed or were interrupted: `await` calls this. */
  // biome-ignore lint/suspicious/noThenProperty: awaiting the verbs is how they run.
  then<Result = ResultOf<Kind, R>, Failure = never>(
    resolved?: ((data: ResultOf<Kind, R>) => Result | PromiseLike<Result>) | null,
    rejected?: ((error: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    const finished = async () => this.#chain.finish(await this.result()) as ResultOf<Kind, R>;
    return this.#data.get(finished).then(resolved, rejected);
  }

  /** Nothing has run yet, so only the steps are known. */
  override toString(): string {
    const { start, steps } = this.#chain;
    return `a query of ${count(steps.length, "step")} on ${start.table.source} (${count(start.table.rows, "row")}): await it for its rows`;
  }

  /** The display of the result. */
  async bundle(): Promise<DisplayBundle> {
    return (await this).bundle();
  }
}

/** A method of the data set that a query ends in. */
type End<Kind extends ResultKind, R, Name extends string> =
  ResultOf<Kind, R> extends { readonly [Method in Name]: infer Method } ? Method : unknown;

/** A step of `data/query`, which loads with the first result. */
type LoadedStep = (query: typeof Query) => Query.Step;

function continued<R, Kind extends ResultKind>(chain: VerbsChain, ...steps: readonly LoadedStep[]): DataQuery<R, Kind> {
  return new DataQuery({ ...chain, steps: [...chain.steps, ...steps] });
}

function listed(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

/** Throws a DataError for a list of names, as other libraries take it. @internal */
export function assertNames(verb: string, names: readonly unknown[]): void {
  if (names.every((name) => typeof name === "string")) return;
  const [first] = names;
  const fix = isObject(first)
    ? `.derive(${JSON.stringify(first)}).${verb}(${listed(Object.keys(first))})`
    : `.${verb}(${listed(names.flat())})`;
  throw wrongArgument(verb, first, "names of columns, one by one", fix);
}

function wrongArgument(verb: string, value: unknown, expected: string, fix: string): DataError {
  const received = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return new DataError({ path: verb, message: "not an argument of this verb", received, expected, fix });
}

async function chainResult({ start, steps }: VerbsChain): Promise<VerbsResult> {
  if (steps.length === 0) return start;
  const query = await import("../../core/data/query/index.js");
  const loaded = steps.map((step) => (step as LoadedStep)(query));
  const { table, notes, keepsNotes } = await query.runChain(start.table, loaded);
  return { table, notes: [...new Set([...(keepsNotes ? start.notes : []), ...notes])] };
}

/** Opens rows as a table; runs the verbs of a data set. @internal */
export async function rowsTable(source: OtherRows): Promise<Table> {
  if (source instanceof DataVerbs) return (await source.result()).table;
  const { openTable } = await import("../../core/data/table/open.js");
  return openTable(source);
}

/** `count` rows without replacement, in their order. Throws a DataError for an invalid count. */
export function sampleTable(table: Table, count: number, seed: number): Table {
  assertCount("sample", count, DataError);
  noteSeed("sample", seed);
  return table.take(permutation(table.rows, random(seed).fork("sample")).slice(0, count).sort());
}
