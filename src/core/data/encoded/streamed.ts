/** Encoded rows on disk, which are read in parts because they exceed the memory budget. */
import type { Finding } from "../../errors/finding.js";
import { DataError } from "../../errors/index.js";
import { type BlockFile, DamagedFile, type RowRange } from "../block-file.js";
import { layoutBytes, RowBuffer } from "../row-buffer.js";
import type { EncodedData } from "./encoded.js";

/** Encoded rows on disk. */
export class StreamedData {
  readonly rows: number;
  readonly warnings: readonly Finding[];

  /** Use `encodedRows`. @internal */
  constructor(
    private readonly file: BlockFile,
    readonly notes: readonly string[],
  ) {
    this.rows = file.layout.rows;
    this.warnings = file.layout.warnings;
  }

  get bytesPerRow(): number {
    return layoutBytes(this.file.layout) / Math.max(1, this.rows);
  }

  /** A hash of the rows, independent of their storage. */
  get content(): string {
    return this.file.content;
  }

  /** Creates a buffer for `rows` rows. @internal */
  buffer(rows: number): RowBuffer {
    return new RowBuffer(this.file.layout.columns, rows);
  }

  /** Replaces a buffer's content by these rows, in order. @throws DataError if the file has changed. @internal */
  async read(ranges: Iterable<RowRange>, buffer: RowBuffer): Promise<EncodedData> {
    buffer.clear();
    await this.#checked(() => this.file.read(ranges, buffer));
    return buffer.data;
  }

  /** Reads the given rows, ascending, into memory. */
  async take(rows: Int32Array): Promise<EncodedData> {
    return this.read(rangesIn(rows), this.buffer(rows.length));
  }

  /** Reads labels, sample weights and domains of all rows, and these features: about twelve bytes per row. */
  async measured(features: ReadonlySet<string>): Promise<EncodedData> {
    const { columns } = this.file.layout;
    const neededColumns = columns.filter(({ section, name }) => section !== "feature" || features.has(name));
    return (await this.#checked(() => this.file.readAll(neededColumns))).data;
  }

  async #checked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      const message = `the encoded rows were damaged during use: ${error.message}`;
      const problem = { path: this.file.path, message, fix: "run it again, which encodes the rows again" };
      throw new DataError(problem, { cause: error });
    }
  }
}

/** Encoded rows in memory or on disk. */
export type EncodedRows = EncodedData | StreamedData;

export function isStreamed(data: EncodedRows): data is StreamedData {
  return data instanceof StreamedData;
}

/** Returns some rows, ascending, in memory: the data with their row numbers, or only those rows. */
export async function takeRows(data: EncodedRows, rows: Int32Array): Promise<{ data: EncodedData; rows: Int32Array }> {
  if (!isStreamed(data)) return { data, rows };
  return { data: await data.take(rows), rows: Int32Array.from(rows, (_, place) => place) };
}

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
