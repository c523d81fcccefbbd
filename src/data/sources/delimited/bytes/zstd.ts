/** Files compressed with Zstandard, which Node.js reads from version 22.15 on only: DuckDB reads their lines. */
import { DataError } from "../../../../errors/index.js";
import { fileList, streamTexts } from "../../duckdb/duckdb.js";
import { assertWholeFrames } from "./zstd-frames.js";

/** The longest line that is read, in bytes. */
const longestLine = 1 << 25;

/** The lines of a file, piece by piece, each ended by `\n`. Throws a DataError where the file is damaged or cut off. */
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
