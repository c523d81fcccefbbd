/** Writes encoded rows as a file of blocks. */

import { closeSync, openSync, writeSync } from "node:fs";
import type { Finding } from "../errors/finding.js";
import { crc32 } from "../util/crc.js";
import { grown } from "../util/growing.js";
import type { BagColumn, EncodedData, IdColumn } from "./encoded/encoded.js";
import { blockRows, type Layout, magic, type StoredColumn, storedColumns, trailerBytes } from "./row-buffer.js";

interface Piece {
  readonly part: EncodedData;
  readonly from: number;
  readonly count: number;
}

const bufferBytes = 1 << 22;

/** A file that is being written. Throws file system errors, which the caller handles. */
export class BlockWriter {
  readonly #handle: number;
  #closed = false;
  #columns: StoredColumn[] = [];
  #waiting: Piece[] = [];
  #waitingRows = 0;
  #rows = 0;
  #words = new Int32Array(bufferBytes >>> 2);
  #floats = new Float32Array(this.#words.buffer);
  #filled = 0;
  #written = 0;
  readonly #offsets: number[] = [];
  readonly #checksums: number[] = [];
  /** Number of valid ids, by column. */
  readonly #items: number[] = [];

  constructor(path: string) {
    this.#handle = openSync(path, "wx");
  }

  append(part: EncodedData): void {
    const columns = storedColumns(part, this.#offsets.length);
    if (this.#columns.length === 0) this.#columns = columns;
    // Columns of ids become bags at the first part that has bags.
    this.#columns = this.#columns.map((column, index) =>
      column.kind === "ids" && columns[index]?.kind === "bag" ? columns[index] : column,
    );
    if (part.rows > 0) this.#waiting.push({ part, from: 0, count: part.rows });
    this.#waitingRows += part.rows;
    while (this.#waitingRows >= blockRows) this.#writeBlock(blockRows);
  }

  finish(warnings: readonly Finding[]): void {
    if (this.#waitingRows > 0) this.#writeBlock(this.#waitingRows);
    this.#offsets.push(this.#written + this.#filled * 4);
    this.#flush();
    const columns = this.#columns.map((column, at) => ({ ...column, items: this.#items[at] ?? 0 }));
    const layout: Layout = { rows: this.#rows, columns, warnings };
    const json = Buffer.from(JSON.stringify(layout));
    const footer = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
    const offsets = Buffer.from(Float64Array.from(this.#offsets).buffer);
    const index = Buffer.concat([offsets, Buffer.from(Uint32Array.from(this.#checksums).buffer)]);
    const trailer = Buffer.alloc(trailerBytes);
    trailer.write(magic, "latin1");
    trailer.writeDoubleLE(footer.length, 16);
    trailer.writeDoubleLE(index.length, 24);
    trailer.writeUInt32LE(crc32(Buffer.concat([footer, index])), 32);
    this.#write(Buffer.concat([footer, index, trailer]));
    this.close();
  }

  /** Closes the file without finishing it, once, because its descriptor may later belong to another file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#handle);
  }

  #writeBlock(rows: number): void {
    const pieces = this.#take(rows);
    const start = this.#filled;
    const block = this.#offsets.length;
    this.#offsets.push(this.#written + start * 4);
    for (const [at, column] of this.#columns.entries()) {
      const items =
        column.kind === "bag"
          ? this.#writeBag(column, pieces)
          : pieces.reduce((sum, piece) => sum + this.#writePlain(column, piece), 0);
      this.#items[at] = (this.#items[at] ?? 0) + items;
    }
    this.#rows += rows;
    this.#checksums[block] = crc32(new Uint8Array(this.#words.buffer, start * 4, (this.#filled - start) * 4));
    if (this.#filled * 4 > bufferBytes / 2) this.#flush();
  }

  #take(rows: number): Piece[] {
    const taken: Piece[] = [];
    let missing = rows;
    while (missing > 0) {
      const { part, from, count } = this.#waiting[0]!;
      const share = Math.min(count, missing);
      taken.push({ part, from, count: share });
      if (share === count) this.#waiting.shift();
      else this.#waiting[0] = { part, from: from + share, count: count - share };
      missing -= share;
    }
    this.#waitingRows -= rows;
    return taken;
  }

  /** Writes values; returns the number of non-negative ones. */
  #writePlain({ section, name, dim }: StoredColumn, { part, from, count }: Piece): number {
    this.#reserve(count * dim);
    const column = section === "feature" ? part.features.get(name) : undefined;
    const floats = section === "label" ? part.labels.get(name) : part.sampleWeights.get(name);
    const others = section === "domain" ? part.domains : floats;
    const values = column === undefined ? others : column.kind === "dense" ? column.values : column.ids;
    const to = values instanceof Float32Array ? this.#floats : this.#words;
    const shift = this.#filled - from * dim;
    const end = (from + count) * dim;
    let nonNegative = 0;
    for (let at = from * dim; at < end; at++) {
      const value = (values as Int32Array)[at]!;
      to[shift + at] = value;
      if (value >= 0) nonNegative++;
    }
    this.#filled += count * dim;
    return nonNegative;
  }

  /** Writes lengths, ids and weights; returns the number of ids. */
  #writeBag({ name, weighted }: StoredColumn, pieces: readonly Piece[]): number {
    let total = 0;
    const bags = pieces.map(({ part, from, count }) => {
      const column = part.features.get(name) as BagColumn | IdColumn;
      this.#reserve(count);
      if (column.kind === "ids") {
        const ids = column.ids.subarray(from, from + count).filter((id) => id >= 0);
        for (let row = from; row < from + count; row++) this.#words[this.#filled++] = column.ids[row]! >= 0 ? 1 : 0;
        total += ids.length;
        return { ids, weights: undefined };
      }
      const { offsets, ids, weights } = column;
      for (let row = from; row < from + count; row++) this.#words[this.#filled++] = offsets[row + 1]! - offsets[row]!;
      const [start, end] = [offsets[from]!, offsets[from + count]!];
      total += end - start;
      return { ids: ids.subarray(start, end), weights: weights?.subarray(start, end) };
    });
    this.#reserve(total * 2);
    for (const { ids } of bags) {
      this.#words.set(ids, this.#filled);
      this.#filled += ids.length;
    }
    for (const { weights } of weighted ? bags : []) {
      this.#floats.set(weights!, this.#filled);
      this.#filled += weights!.length;
    }
    return total;
  }

  #reserve(words: number): void {
    if (this.#filled + words <= this.#words.length) return;
    this.#words = grown(this.#words, this.#filled + words);
    this.#floats = new Float32Array(this.#words.buffer);
  }

  #flush(): void {
    this.#write(new Uint8Array(this.#words.buffer, 0, this.#filled * 4));
    this.#filled = 0;
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle, bytes, at, bytes.length - at);
    this.#written += bytes.length;
  }
}
