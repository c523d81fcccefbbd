/** Encoded rows that stay on disk: larger than what may be held, or not wanted at once. */
import { DataError } from "../../errors/index.js";
import { type BlockFile, DamagedFile, type RowRange } from "../stored/block-file.js";
import { layoutBytes } from "../stored/layout.js";
import { RowBuffer } from "../stored/row-buffer.js";
import type { DataWarning, EncodedData } from "./encoded.js";

/** Encoded rows of which some are read at a time. */
export class StreamedData {
  /** Rows on disk. */
  readonly rows: number;
  /** What encoding went on with, counted. */
  readonly warnings: readonly DataWarning[];
  /** What happened to the cache, for people. */
  readonly notes: readonly string[];
  readonly #file: BlockFile;

  /** Use `encodedRows`. @internal */
  constructor(file: BlockFile, notes: readonly string[]) {
    this.#file = file;
    this.rows = file.layout.rows;
    this.warnings = file.layout.warnings;
    this.notes = notes;
  }

  /** Mean size of a row. */
  get bytesPerRow(): number {
    return layoutBytes(this.#file.layout) / Math.max(1, this.rows);
  }

  /** The same for the same rows, wherever they are stored. */
  get content(): string {
    return this.#file.content;
  }

  /** Room for `rows` rows to read into. @internal */
  buffer(rows: number): RowBuffer {
    return new RowBuffer(this.#file.layout.columns, rows);
  }

  /**
   * Replaces what is in a buffer by these rows, in their order. Throws a DataError where the file has been changed.
   *
   * @internal
   */
  async read(ranges: Iterable<RowRange>, buffer: RowBuffer): Promise<EncodedData> {
    buffer.clear();
    await this.#checked(() => this.#file.read(ranges, buffer));
    return buffer.data;
  }

  /** The given rows, ascending, in memory. */
  async take(rows: Int32Array): Promise<EncodedData> {
    return this.read(rangesIn(rows), this.buffer(rows.length));
  }

  /** Labels, sample weights and domains of all rows, and these features: what metrics read. Twelve bytes a row or so. */
  async measured(features: ReadonlySet<string>): Promise<EncodedData> {
    const { columns } = this.#file.layout;
    const wanted = columns.filter(({ section, name }) => section !== "feature" || features.has(name));
    return (await this.#checked(() => this.#file.readAll(wanted))).data;
  }

  async #checked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      const problem = {
        path: this.#file.path,
        message: `the encoded rows were damaged while they were in use: ${error.message}`,
        fix: "run it again: the rows are encoded anew",
      };
      throw new DataError(problem, { cause: error });
    }
  }
}

/** Encoded rows, wherever they are. */
export type EncodedRows = EncodedData | StreamedData;

/** Whether rows are on disk. */
export function isStreamed(data: EncodedRows): data is StreamedData {
  return data instanceof StreamedData;
}

/** Some rows, ascending, in memory: the data themselves and their row numbers, or those rows alone. */
export async function takeRows(data: EncodedRows, rows: Int32Array): Promise<{ data: EncodedData; rows: Int32Array }> {
  if (!isStreamed(data)) return { data, rows };
  return { data: await data.take(rows), rows: Int32Array.from(rows, (_, place) => place) };
}

/** Labels, domains and some features of all rows, in memory. */
export async function measuredColumns(data: EncodedRows, features: ReadonlySet<string>): Promise<EncodedData> {
  return isStreamed(data) ? data.measured(features) : data;
}

function* rangesIn(rows: Int32Array): Generator<RowRange> {
  for (let at = 0; at < rows.length; ) {
    const start = rows[at]!;
    let count = 1;
    while (at + count < rows.length && rows[at + count] === start + count) count++;
    yield [start, count];
    at += count;
  }
}
