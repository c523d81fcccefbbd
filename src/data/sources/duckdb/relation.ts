/**
 * A DuckDB relation (files read by a table function, or a stored result) as a source.
 */
import { DataError, type Problem } from "../../../errors/index.js";
import { type ColumnInfo, columnRows } from "../../table/column.js";
import type { RowPlace, Source, SourceVersion } from "../source.js";
import { countRows, describeRelation, readColumns, readParts, readThrough } from "./duckdb.js";

/** Rows per part: enough that frequent texts are looked up once per part, few enough to be small. */
const partRows = 131_072;

/**
 * Throws a DataError for repeated column names: DuckDB would silently rename the second of two (it ignores letter
 * case).
 */
export function refuseRepeats(name: string, names: readonly string[]): void {
  const twice = names.filter(isRepeated());
  if (twice.length === 0) return;
  throw new DataError(
    twice.map((column) => ({
      path: `${name}: column "${column}"`,
      message: "duplicate name",
      fix: `give each column a different name ("select a.${column} as …"), or join … using (${column})`,
    })),
  );
}

/** Returns a function that reports whether a name was passed before. */
function isRepeated(): (name: string) => boolean {
  const names = new Set<string>();
  return (name) => {
    const isKnown = names.has(name.toLowerCase());
    names.add(name.toLowerCase());
    return isKnown;
  };
}

/** Finds a better explanation of a failure than DuckDB's message; `null` if there is none. */
export type Explain = (words: string) => Promise<Problem | null>;

/** Options for opening a relation. */
export interface RelationOptions {
  /** The display name. */
  readonly name: string;
  /** SQL: a table, or a call of a table function; with these columns as text. */
  readonly relation: string | ((asWritten: readonly string[]) => string);
  /** Its columns, if known. */
  readonly columns?: readonly ColumnInfo[];
  /** Different types for reading columns. */
  readonly reading?: readonly ColumnInfo[];
  /** Its number of rows, if known. */
  readonly rows?: number;
  /** Number columns that can be read as text. */
  readonly written?: ReadonlySet<string>;
  readonly locate: (row: number) => Promise<RowPlace>;
  readonly version?: () => Promise<SourceVersion>;
  /** Finds a better explanation of a failure than DuckDB's message. */
  readonly explain?: Explain | undefined;
}

/** Opens a relation. */
export async function openRelation(options: RelationOptions): Promise<Source> {
  const { name, explain, written } = options;
  const relation = (asWritten: readonly string[]): string =>
    typeof options.relation === "string" ? options.relation : options.relation(asWritten);
  const columns = options.columns ?? (await describeRelation(relation([])));
  const rows = options.rows ?? (await countRows(relation([])));
  const opened = (await options.version?.()) ?? null;
  const reading = options.reading ?? columns;
  const columnsByName = new Map(reading.map((column) => [column.name, column]));
  const infos = (names: readonly string[], asWritten: readonly string[]) => {
    const written = new Set(asWritten);
    return names.map((column) => (written.has(column) ? textColumn(column) : columnsByName.get(column)!));
  };
  const unchanged = async (received: number, expected: number, read: readonly string[]): Promise<void> => {
    const now = (await options.version?.()) ?? null;
    // DuckDB silently ends a stream that fails: running it again without streaming returns the error.
    if (received < expected && now?.key === opened?.key)
      await readable(name, () => readThrough(relation([]), read), explain);
    if (received !== expected || now?.key !== opened?.key) throw changed(name, opened, now, received, expected);
  };
  async function* parts(names: readonly string[], asWritten: readonly string[] = []) {
    let received = 0;
    const parts = readParts(relation(asWritten), infos(names, asWritten), partRows);
    try {
      for (;;) {
        const part = await readable(name, () => parts.next(), explain);
        if (part.done) break;
        received += columnRows(part.value.values().next().value!);
        if (received > rows) break;
        yield part.value;
      }
    } finally {
      await parts.return(undefined); // closes the connection if the rest is not needed
    }
    await unchanged(received, rows, names);
  }
  return {
    name,
    columns,
    rows,
    written,
    read: (names, limit, asWritten = []) =>
      readable(
        name,
        async () => {
          const expected = Math.min(rows, limit ?? rows);
          const read = await readColumns(relation(asWritten), infos(names, asWritten), limit, expected);
          const first = read.values().next().value;
          await unchanged(first === undefined ? expected : columnRows(first), expected, names);
          return read;
        },
        explain,
      ),
    parts,
    version: async () => opened,
    assertUnchanged: () => unchanged(rows, rows, []),
    locate: options.locate,
  };
}

function textColumn(name: string): ColumnInfo {
  return { name, type: "text", sourceType: "VARCHAR" };
}

/** Rows from files that have changed since they were opened would mix old and new data. */
export function changed(
  name: string,
  opened: SourceVersion | null,
  now: SourceVersion | null,
  received: number,
  expected: number,
): DataError {
  return new DataError({
    path: name,
    message: "the data has changed since it was opened",
    received: received === expected ? now?.about : `${received} rows`,
    expected: received === expected ? opened?.about : `${expected} rows`,
    fix: "open it again",
  });
}

/** Runs `work`; adds the place to DuckDB's errors, or explains them with `explain`. */
export async function readable<T>(name: string, work: () => Promise<T>, explain?: Explain): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const message = `DuckDB cannot read this: ${duckdbWords(error)}`;
    const problem = (await explain?.(text)) ?? { path: name, message };
    throw new DataError(problem, { cause: error });
  }
}

/** A short form of DuckDB's error message. */
export function duckdbWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n")
    .slice(0, 6)
    .map((line) => (line.length > 200 ? `${line.slice(0, 199)}…` : line))
    .join("\n    ")
    .trim();
}
