/** A DuckDB relation (files read by a table function, or a stored result) as a source. */
import { DataError, type Problem } from "../../errors/index.js";
import { columnRows } from "../table/column.js";
import {
  countRows,
  describeRelation,
  duckdbWords,
  type Reading,
  readParts,
  readThrough,
  rowNumberColumns,
} from "./duckdb.js";
import type { PartReading, RowPlace, Source, SourceVersion } from "./file-version.js";

/** Rows per part: enough that frequent texts are looked up once per part, few enough to be small. */
const partRows = 131_072;

/** @throws DataError for repeated names, of which DuckDB would rename the second, ignoring letter case */
export function refuseRepeats(name: string, names: readonly string[]): void {
  const distinct = new Set<string>();
  const twice = names.filter((column) => distinct.size === distinct.add(column.toLowerCase()).size);
  if (twice.length === 0) return;
  throw new DataError(
    twice.map((column) => ({
      path: `${name}: column "${column}"`,
      message: "duplicate name",
      fix: `give each column a different name ("select a.${column} as …"), or join … using (${column})`,
    })),
  );
}

export type Explain = (words: string) => Promise<Problem | null>;

export interface RelationOptions {
  readonly name: string;
  /** SQL: a table function's call whose rows have an order; for `read_parquet(…)` it is checked. */
  readonly relation: string;
  readonly locate: (row: number) => Promise<RowPlace>;
  readonly version?: () => Promise<SourceVersion>;
  readonly explain?: Explain | undefined;
}

/** Opens a relation. The source holds `options`: their owner may remove the file when they are garbage-collected. */
export async function openRelation(options: RelationOptions): Promise<Source> {
  const { name, relation } = options;
  const columns = await describeRelation(relation);
  const rows = await countRows(relation);
  const opened = (await options.version?.()) ?? null;
  const columnsByName = new Map(columns.map((column) => [column.name, column]));
  const isParquet = relation.startsWith("read_parquet(");
  const isNumbered = isParquet && !columns.some((column) => rowNumberColumns.includes(column.name.toLowerCase()));
  const reading = (names: readonly string[]): Reading => {
    return { relation, columns: names.map((column) => columnsByName.get(column)!), isNumbered };
  };
  const unchanged = async (received: number, expected: number, read: readonly string[]): Promise<void> => {
    const now = (await options.version?.()) ?? null;
    // DuckDB silently ends a stream that fails: running it again without streaming returns the error.
    if (received < expected && now?.key === opened?.key) {
      await readable(name, () => readThrough(relation, read), options.explain);
    }
    if (received !== expected || now?.key !== opened?.key) throw changed(name, opened, now, received, expected);
  };
  async function* parts(names: readonly string[], { limit, whole = false }: PartReading = {}) {
    if (names.length === 0) return;
    const expected = Math.min(rows, limit ?? rows);
    let received = 0;
    const parts = readParts(reading(names), whole ? Math.max(1, expected) : partRows, limit ?? null);
    try {
      for (;;) {
        const part = await readable(name, () => parts.next(), options.explain);
        if (part.done) break;
        received += columnRows(part.value.values().next().value!);
        if (received > expected) break;
        yield part.value;
      }
    } finally {
      await parts.return(undefined); // closes the connection if the rest is not needed
    }
    await readable(name, () => unchanged(received, expected, names), options.explain);
  }
  return {
    name,
    columns,
    rows,
    parts,
    version: async () => opened,
    assertUnchanged: () => unchanged(rows, rows, []),
    locate: options.locate,
  };
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
