/** A separate query engine for priors, whose sorts stay within a share of the memory for data. */
import { DataError } from "../../errors/index.js";
import { throwIfInterrupted } from "../../util/interrupt.js";
import { queryEngine, withQueries } from "../query/sql.js";
import { type Connection, openDatabase, withConnection } from "../sources/duckdb.js";

/** Sorting needs this much. */
const leastMegabytes = 128;
/** DuckDB holds more than its limit; the rest is for the rows that JavaScript holds. */
const engineShare = 0.3;
const defaultMegabytes = 1024;

/** Runs `work` on a separate query engine within a share of a budget, in MB. */
export async function withinMemory<T>(
  place: string,
  memoryMB: number = defaultMegabytes,
  work: (connections: { readonly read: Connection; readonly write: Connection }) => Promise<T>,
): Promise<T> {
  const limit = `${Math.max(leastMegabytes, Math.round(memoryMB * engineShare))}MiB`;
  const instance = openDatabase(":memory:", { ...queryEngine(), memory_limit: limit });
  try {
    return await withQueries(
      place,
      async (read) => withConnection((write) => work({ read, write }), await instance),
      instance,
    );
  } catch (error) {
    throwIfInterrupted();
    const isFull = error instanceof DataError && /Out of Memory/i.test(error.message);
    if (!isFull) throw error;
    throw new DataError({
      path: place,
      message: "the memory for data is too small",
      received: `memoryMB: ${memoryMB}`,
      fix: `dataset(…, { memoryMB: ${memoryMB * 2} })`,
      cause: error,
    });
  } finally {
    (await instance).closeSync();
  }
}
