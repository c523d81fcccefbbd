/**
 * Reads files compressed with Zstandard through DuckDB, because Node.js supports them only from version 22.15 on.
 */
import { DataError } from "../../../../errors/index.js";
import { fileList, streamTexts } from "../../duckdb/duckdb.js";
import { assertWholeFrames } from "./zstd-frames.js";

/** The maximum length of a line, in bytes. */
const longestLine = 1 << 25;

/** The lines of a file in chunks, each ended by `\n`. Throws a DataError if the file is damaged or truncated. */
export async function* zstdBytes(file: string): AsyncGenerator<Buffer> {
  await assertWholeFrames(file);
  const options = `auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', max_line_size = ${longestLine}`;
  const lines = `SELECT line FROM read_csv(${fileList([file])}, ${options}, columns = {'line': 'VARCHAR'})`;
  try {
    for await (const piece of streamTexts(lines)) yield Buffer.from(`${piece.map((line) => line ?? "").join("\n")}\n`);
  } catch (error) {
    const words = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new DataError(
      { path: file, message: `the Zstandard file cannot be read: ${words}`, fix: "copy or compress the file again" },
      { cause: error },
    );
  }
}
