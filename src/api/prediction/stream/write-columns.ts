/** Writes columns to a Parquet file, first under a temporary name, so that readers never see a partial file. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { assertLocal, type ColumnInfo, type RawColumn, writeParquet } from "../../../data/index.js";
import { DataError, PepnetError } from "../../../errors/index.js";
import { firstRepeated } from "../../../util/text/near.js";

/** A chunk of rows; every chunk has the same columns. */
export interface WrittenPart {
  readonly columns: readonly ColumnInfo[];
  readonly values: ReadonlyMap<string, RawColumn>;
}

/**
 * Writes at least one chunk; creates missing folders. Throws a DataError if a name is repeated or the file cannot be
 * written, and rethrows errors of the chunks.
 */
export async function writeColumns(file: string, parts: AsyncGenerator<WrittenPart>): Promise<void> {
  assertLocal(file);
  try {
    const first = await parts.next();
    if (first.done === true) throw new Error("there are no parts");
    const { columns } = first.value;
    refuseTwins(columns.map((column) => column.name));
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    await writeParquet(columns, allValues(first.value, parts), file);
  } catch (cause) {
    await parts.return(undefined);
    if (cause instanceof PepnetError) throw cause;
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new DataError({ path: file, message: "cannot write the predictions", received, fix }, { cause });
  }
}

async function* allValues(first: WrittenPart, others: AsyncIterable<WrittenPart>) {
  yield first.values;
  for await (const { values } of others) yield values;
}

function refuseTwins(names: readonly string[]): void {
  const twice = firstRepeated(names);
  if (twice === undefined) return;
  const fix = "remove it from `reserve` (--reserve)";
  throw new DataError({ path: `column "${twice}"`, message: "duplicate column in the output", fix });
}
