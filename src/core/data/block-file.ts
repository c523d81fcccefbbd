/** Reads files of blocks: any rows, in any order of ranges; each block is checked when it is read. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "../util/crc.js";
import { throwIfInterrupted } from "../util/interrupt.js";
import { blockRows, type Layout, magic, RowBuffer, type StoredColumn, trailerBytes } from "./row-buffer.js";

export type RowRange = readonly [start: number, count: number];

export class DamagedFile extends Error {}

/** Neighbouring blocks are read at once, up to this number of bytes. */
const mostBytes = 1 << 20;
/** The thread yields after this time, to a notebook's messages or an engine's replies. */
const sliceMillis = 4;

const abandoned = new FinalizationRegistry<number>((handle) => closeSync(handle));

export class BlockFile {
  readonly layout: Layout;
  readonly #handle: number;
  readonly #offsets: Float64Array;
  readonly #checksums: Uint32Array;
  #words = new Int32Array(mostBytes >>> 2);
  #floats = new Float32Array(this.#words.buffer);

  /** @param path the name in errors, if the file is about to be renamed. @throws DamagedFile, file system errors */
  constructor(
    file: string,
    readonly path: string = file,
  ) {
    this.#handle = openSync(file, "r");
    try {
      const { layout, offsets, checksums } = readFooter(this.#handle);
      this.layout = layout;
      this.#offsets = offsets;
      this.#checksums = checksums;
    } catch (error) {
      closeSync(this.#handle);
      throw error;
    }
    abandoned.register(this, this.#handle, this);
  }

  /** Equal for files with the same rows: the columns and the checksums of all blocks. */
  get content(): string {
    const { rows, columns } = this.layout;
    return JSON.stringify({ rows, columns, blocks: Buffer.from(this.#checksums.slice().buffer).toString("base64") });
  }

  /** Reads and checks every block. @throws DamagedFile */
  async verify(): Promise<void> {
    await this.read([[0, this.layout.rows]], new RowBuffer(this.layout.columns, 0, []));
  }

  /** Reads all rows into memory, of all columns or of some. @throws DamagedFile */
  async readAll(columns: readonly StoredColumn[] = this.layout.columns): Promise<RowBuffer> {
    const buffer = new RowBuffer(this.layout.columns, this.layout.rows, columns, true);
    await this.read([[0, this.layout.rows]], buffer);
    return buffer;
  }

  /** Appends rows to a buffer, range by range. @throws DamagedFile */
  async read(ranges: Iterable<RowRange>, buffer: RowBuffer): Promise<void> {
    let since = performance.now();
    for (const [start, count] of ranges) {
      const end = start + count;
      let block = Math.floor(start / blockRows);
      while (block * blockRows < end) {
        const last = this.#reach(block, Math.ceil(end / blockRows));
        this.#readBlocks(block, last);
        for (let at = block; at < last; at++) this.#add(at, block, start, end, buffer);
        block = last;
        if (performance.now() - since < sliceMillis) continue;
        await new Promise((resolve) => setImmediate(resolve));
        throwIfInterrupted();
        since = performance.now();
      }
    }
  }

  close(): void {
    abandoned.unregister(this);
    closeSync(this.#handle);
  }

  #reach(block: number, end: number): number {
    let last = block + 1;
    while (last < end && this.#offsets[last + 1]! - this.#offsets[block]! <= mostBytes) last++;
    return last;
  }

  #readBlocks(first: number, last: number): void {
    const position = this.#offsets[first]!;
    const length = this.#offsets[last]! - position;
    if (length > this.#words.byteLength) {
      this.#words = new Int32Array(length >>> 2);
      this.#floats = new Float32Array(this.#words.buffer);
    }
    const bytes = new Uint8Array(this.#words.buffer, 0, length);
    readFully(this.#handle, bytes, position);
    for (let block = first; block < last; block++) {
      const start = this.#offsets[block]! - position;
      const end = this.#offsets[block + 1]! - position;
      if (crc32(bytes.subarray(start, end)) !== this.#checksums[block])
        throw new DamagedFile(`block ${block} has changed`);
    }
  }

  #add(block: number, first: number, start: number, end: number, buffer: RowBuffer): void {
    const row = block * blockRows;
    const rows = Math.min(blockRows, this.layout.rows - row);
    const from = Math.max(0, start - row);
    const count = Math.min(rows, end - row) - from;
    const at = (this.#offsets[block]! - this.#offsets[first]!) / 4;
    buffer.add(this.#words, this.#floats, at, block, rows, from, count);
  }
}

function readFooter(handle: number): { layout: Layout; offsets: Float64Array; checksums: Uint32Array } {
  const size = fstatSync(handle).size;
  const trailer = Buffer.alloc(trailerBytes);
  if (size < trailerBytes) throw new DamagedFile("the file is truncated");
  readFully(handle, trailer, size - trailerBytes);
  if (trailer.toString("latin1", 0, magic.length) !== magic) throw new DamagedFile("the file is truncated");
  const footerLength = trailer.readDoubleLE(16);
  const indexLength = trailer.readDoubleLE(24);
  const length = footerLength + indexLength;
  if (!(footerLength >= 0 && indexLength >= 8 && length + trailerBytes <= size)) throw new DamagedFile("no footer");
  const bytes = new Uint8Array(length);
  readFully(handle, bytes, size - trailerBytes - length);
  if (crc32(bytes) !== trailer.readUInt32LE(32)) throw new DamagedFile("the footer has changed");
  const layout = JSON.parse(Buffer.from(bytes.subarray(0, footerLength)).toString("utf8")) as Layout;
  const blocks = Math.ceil(layout.rows / blockRows);
  if (!Number.isInteger(blocks) || indexLength < 8 + 12 * blocks) throw new DamagedFile("no index");
  const index = bytes.slice(footerLength);
  const offsets = new Float64Array(index.buffer, 0, blocks + 1);
  return { layout, offsets, checksums: new Uint32Array(index.buffer, (blocks + 1) * 8, blocks) };
}

function readFully(handle: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(handle, bytes, at, bytes.length - at, position + at);
    if (count === 0) throw new DamagedFile("the file is truncated");
    at += count;
  }
}
