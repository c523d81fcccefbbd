/** Types of rows, when opened and after each verb; `any` if TypeScript cannot know one (a file, an SQL expression). */
import type { PriorsKey } from "../../core/data/priors/plan.js";
import type { JoinOptions } from "../../core/data/query/join.js";
import type { CsvType } from "../../core/data/sources/csv/options.js";
import { identifier } from "../../core/data/sources/names.js";
import type { Row, Table } from "../../core/data/table/table.js";
import { DataError } from "../../core/errors/index.js";
import type { TimePart } from "../../core/util/epoch.js";
import type { Displayable } from "../result.js";

/** The columns written out, so that editors and later cells show them rather than names of types. */
type Flat<R> = R extends infer All ? { -readonly [Name in keyof All]: All[Name] } : never;

/** A value of type `V` in memory as a row of a data set returns it. */
export type RowCell<V> = 0 extends 1 & V
  ? V
  : unknown extends V
    ? Row[string]
    : V extends null | undefined
      ? null
      : V extends bigint
        ? number | string // text from 2^53 on
        : V extends string | number | boolean | Date
          ? V
          : V extends ReadonlyMap<unknown, unknown>
            ? string[]
            : V extends ArrayLike<infer Item>
              ? RowCell<Item>[]
              : Row[string];

type KeysOf<R> = R extends unknown ? keyof R : never;
type ValueOf<R, Name> = R extends unknown ? (Name extends keyof R ? R[Name] : undefined) : never;

/** The rows of a data set that is opened from row objects of type `R`. A missing key is a missing value. */
export type RowOfObjects<R> = Flat<{ [Name in KeysOf<R>]: RowCell<ValueOf<R, Name>> }>;

/** The rows of a data set that is opened from columns of type `C`. */
export type RowOfColumns<C> = Flat<{
  [Name in keyof C]: RowCell<C[Name] extends ArrayLike<infer Value> ? Value : never>;
}>;

/** The rows of a file whose columns have types by name; other columns are not known. */
export type RowOfTypes<T extends Readonly<Record<string, CsvType>>> = Row & {
  -readonly [Name in keyof T]: { text: string; integer: number; float: number; number: number }[T[Name]] | null;
};

/**
 * Names of the columns of rows of type `R`: any text if they are not known. Options of calls write `keyof R & string`,
 * because compiler errors would show the name of this type instead of the columns.
 */
export type ColumnName<R> = keyof R & string;

type Without<R, Names> = { [Name in keyof R as Exclude<Name, Names>]: R[Name] };

/** Rows `R` with other columns of type `Added`, which replace columns of the same name. */
export type RowWith<R, Added> = Flat<Without<R, keyof Added> & Added>;

/** Columns that functions of a row or SQL compute. */
export type RowOfDerived<D> = {
  [Name in keyof D]: D[Name] extends (row: never) => infer Value ? RowCell<Value> : Row[string];
};

/** The columns of groups: columns, and parts of the time. */
export type GroupName<R> = ColumnName<R> | TimePart;

type TimeCell<Part> = (Part extends "date" ? string : number) | null;
/** A conditional type would separate columns from parts of the time, and make data sets invariant in their rows. */
type GroupCells<R, Names extends GroupName<R>> = { [Name in Names]: (R & { [Part in TimePart]: Row[string] })[Name] };

/** Rows of groups by the columns `Names`, with columns that SQL computes. */
export type RowOfGroups<R, Names extends GroupName<R>, Columns> = Flat<
  GroupCells<R, Names> & { [Name in keyof Columns]: Row[string] }
>;

/** Rows `R` with parts of a time. */
export type RowOfTimes<R, Part extends TimePart, Prefix extends string> = RowWith<
  R,
  { [Name in Part as `${Prefix}${Name}`]: TimeCell<Name> }
>;

/** Rows of `valueCounts`. */
export type RowOfCounts<R, Names extends GroupName<R>> = Flat<GroupCells<R, Names> & { count: number }>;

/** Rows of groups by the columns `Names`, with means of other columns. */
export type RowOfMeans<R, Names extends GroupName<R>, Columns extends string> = Flat<
  GroupCells<R, Names> & { [Name in Columns]: number | null }
>;

/** Rows of a pivot: the columns `Names`, and one for each value of `Column`. */
export type RowOfPivot<R, Names extends GroupName<R>, Column extends string> = GroupCells<R, Names> & {
  [Name in `${Column}_${string}`]: Row[string];
};

type JoinedKeys<On> = On extends string
  ? On
  : On extends readonly (infer Name)[]
    ? Name
    : On extends Readonly<Record<string, infer Name>>
      ? Name
      : never;
type Prefix<O> = O extends { readonly prefix: infer Text extends string } ? Text : "";
type JoinedName<Name, O extends JoinOptions> =
  Name extends JoinedKeys<O["on"]> ? never : Name extends string ? `${Prefix<O>}${Name}` : Name;

/** Rows `R` with the columns of rows `Other`, which have no value in rows without a match. */
export type RowOfJoin<R, Other, O extends JoinOptions> = Flat<
  R & {
    [Name in keyof Other as JoinedName<Name, O>]: Other[Name] | (O extends { readonly how: "inner" } ? never : null);
  }
>;

type KeyName<Key> = Key extends readonly [infer First extends string, ...infer Rest]
  ? Rest extends readonly []
    ? First
    : `${First}_${KeyName<Rest>}`
  : Key extends readonly string[]
    ? string
    : Key & string;

/** The columns that `priors` adds; without keys, which the roles then name, any text before the label. */
export type PriorName<Label extends string, Key extends PriorsKey, Window extends string> = `${[Key] extends [never]
  ? string
  : KeyName<Key>}_${Label}_${"n" | "rate" | "age" | `n_${Window}` | `rate_${Window}`}`;

/** Rows `R` with the columns of `priors`. */
export type RowOfPriors<R, Label extends string, Key extends PriorsKey, Window extends string> = RowWith<
  R,
  { [Name in PriorName<Label, Key, Window>]: number }
>;

/** A column to sort by in descending order. */
export interface Descending<Name extends string = string> {
  readonly desc: Name;
}

/** A column to sort by: ascending, or descending as `{ desc: name }`. Missing values come last. */
export type SortBy<Name extends string = string> = Name | Descending<Name>;

interface RowMethods<R> {
  call(row: R): unknown;
}

/** A function of a row. As a method it is compared both ways, which makes data sets covariant in their rows. */
export type RowFunction<R> = RowMethods<R>["call"];

/** A new column: an SQL expression of the columns, or a function of a row. */
export type Derived<R = Row> = string | RowFunction<R>;

/** Which data sets verbs return, by the type of their rows: `data` is a type of `this["row"]`. */
export interface ResultKind {
  readonly row: unknown;
  /** The type of a data set with these rows. */
  readonly data: Displayable;
}

/** The data set of a kind with rows of type `R`. */
export type ResultOf<Kind extends ResultKind, R> = (Kind & { readonly row: R })["data"];

/** The result of verbs. @internal */
export interface VerbsResult {
  readonly table: Table;
  readonly notes: readonly string[];
}

/** The rows to which verbs apply. @internal */
export interface VerbsChain {
  /** The budget for data, in MB; `undefined`: the default. */
  readonly memoryMB: number | undefined;
  readonly start: VerbsResult;
  /** The steps so far, functions of `data/query`, which loads with the first result; its types are DuckDB's. */
  readonly steps: readonly ((query: never) => unknown)[];
  readonly finish: (result: VerbsResult) => Displayable;
}

/** A value of a column; `null`: no value. */
export type RowValue = string | number | bigint | boolean | Date | null;

/** Values by column; a list: any of them. */
export type RowValues<Name extends string = string> = Readonly<Partial<Record<Name, RowValue | readonly RowValue[]>>>;

/** SQL that is true for rows with these values. Names and texts are escaped. */
export function valuesCondition(values: RowValues): string {
  const conditions = Object.entries(values).map(([name, value]) => {
    const column = identifier(name);
    const alternatives: readonly RowValue[] = Array.isArray(value) ? value : [value as RowValue];
    const present = alternatives.filter((one) => one !== null).map((one) => valueSql(name, one));
    const parts = [
      ...(present.length > 0 ? [`${column} IN (${present.join(", ")})`] : []),
      ...(alternatives.includes(null) ? [`${column} IS NULL`] : []),
    ];
    return parts.length === 0 ? "false" : `(${parts.join(" OR ")})`;
  });
  return conditions.length === 0 ? "true" : conditions.join(" AND ");
}

function valueSql(name: string, value: Exclude<RowValue, null>): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isNaN(value)) {
    return Number.isFinite(value) ? String(value) : `${value > 0 ? "" : "-"}'inf'::DOUBLE`;
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return `TIMESTAMP '${value.toISOString().replace("T", " ").replace("Z", "")}'`;
  }
  throw new DataError({
    path: `where: column "${name}"`,
    message: "not a value to compare with",
    received: String(value),
    expected: "text, a number, true, false, a valid Date, null, or a list of them",
    fix: Number.isNaN(value) ? `{ ${JSON.stringify(name)}: null } finds rows without a value, NaN included` : undefined,
  });
}
