/**
 * The layout of encoded rows in a file: blocks of 32 rows, with the columns one after the other in a block and four
 * bytes per item; then a footer with the columns and an index with the start and checksum of each block. A block is
 * the unit that a shuffled reader fetches, so it is small; a bag has lengths, ids and, if present, weights.
 *
 * | part | bytes |
 * |---|---|
 * | blocks | `offsets[blocks]` |
 * | footer | JSON ({@link Layout}), padded with spaces to a multiple of 8 |
 * | index | `offsets` as [blocks + 1] float64, checksums as [blocks] uint32 |
 * | trailer | {@link trailerBytes}: magic, bytes of footer and index, checksum of both |
 */
import type { Finding } from "../errors/finding.js";
import { sharedFloats, sharedInts } from "../util/called-thread.js";
import { grown } from "../util/growing.js";
import type { EncodedData, FeatureColumn } from "./encoded/encoded.js";

/** Rows per block; the last block has the rest. */
export const blockRows = 32;

export const magic = "PEPNET-ENCODED-1";

/** Magic (16 bytes), footer bytes and index bytes (float64 each), checksum (uint32), four unused bytes. */
export const trailerBytes = 40;

export type Section = "feature" | "label" | "weight" | "domain";

export interface StoredColumn {
  readonly section: Section;
  readonly name: string;
  readonly kind: "ids" | "bag" | "dense" | "floats" | "ints";
  /** Values per row for `dense`; 1 otherwise. */
  readonly dim: number;
  readonly weighted: boolean;
  /** Blocks before this one have one id per row: no row had several yet. 0 for all other kinds. */
  readonly bagFrom: number;
  /** Number of ids in all rows of a bag (in blocks before `bagFrom`: of the valid ones). */
  readonly items: number;
}

export interface Layout {
  readonly rows: number;
  readonly columns: readonly StoredColumn[];
  readonly warnings: readonly Finding[];
}

/** The columns of a part as file columns; a bag starts with block `block`. */
export function storedColumns(part: EncodedData, block: number): StoredColumn[] {
  const plain = { dim: 1, weighted: false, bagFrom: 0, items: 0 };
  const floats = (section: Section, names: Iterable<string>): StoredColumn[] =>
    [...names].map((name) => ({ ...plain, section, name, kind: "floats" }));
  return [
    ...[...part.features].map(([name, column]): StoredColumn => {
      const { kind } = column;
      if (kind === "dense") return { ...plain, section: "feature", name, kind, dim: column.dim };
      if (kind === "ids") return { ...plain, section: "feature", name, kind };
      return { ...plain, section: "feature", name, kind, weighted: column.weights !== null, bagFrom: block };
    }),
    ...floats("label", part.labels.keys()),
    ...floats("weight", part.sampleWeights.keys()),
    ...(part.domains === null ? [] : [{ ...plain, section: "domain" as const, name: "", kind: "ints" as const }]),
  ];
}

/** Bytes of encoded rows, in memory and, except for the index, in a file. */
export function encodedBytes({ rows, features, labels, sampleWeights, domains }: EncodedData): number {
  let items = rows * (labels.size + sampleWeights.size + (domains === null ? 0 : 1));
  for (const column of features.values()) {
    if (column.kind === "ids") items += rows;
    else if (column.kind === "dense") items += rows * column.dim;
    else items += rows + column.offsets[rows]! * (column.weights === null ? 1 : 2);
  }
  return items * 4;
}

export function layoutBytes({ rows, columns }: Layout): number {
  const items = (column: StoredColumn): number =>
    column.kind === "bag" ? rows + column.items * (column.weighted ? 2 : 1) : rows * column.dim;
  return 4 * columns.reduce((sum, column) => sum + items(column), 0);
}

interface Bag {
  /** Whether there is room for all items of the file: then it never grows. */
  readonly exact: boolean;
  readonly offsets: Int32Array;
  ids: Int32Array;
  weights: Float32Array | null;
}

export class RowBuffer {
  /** By column; `null`: not selected. */
  readonly #targets: readonly (Int32Array | Float32Array | Bag | null)[];
  #data: EncodedData | null = null;
  #rows = 0;

  /** @param exact bags have room for exactly their items, because the buffer holds all rows of the file */
  constructor(
    private readonly columns: readonly StoredColumn[],
    readonly capacity: number,
    selection: readonly StoredColumn[] = columns,
    exact = false,
  ) {
    const included = new Set(selection);
    this.#targets = columns.map((column) => {
      if (!included.has(column)) return null;
      if (column.kind === "ids" || column.kind === "ints") return sharedInts(capacity);
      if (column.kind !== "bag") return sharedFloats(capacity * column.dim);
      const room = exact ? column.items : capacity * 2;
      const weights = column.weighted ? sharedFloats(room) : null;
      return { exact, offsets: sharedInts(capacity + 1), ids: sharedInts(room), weights };
    });
  }

  /** The rows, up to the capacity; only the filled ones are valid. The same object as long as bags fit. */
  get data(): EncodedData {
    this.#data ??= this.#view();
    return this.#data;
  }

  clear(): void {
    this.#rows = 0;
  }

  /** Appends rows `from` … `from + count − 1` of a block of `blockRows` rows, whose items start at `start`. */
  add(
    words: Int32Array,
    floats: Float32Array,
    start: number,
    block: number,
    blockRows: number,
    from: number,
    count: number,
  ): void {
    let at = start;
    const to = this.#rows;
    for (let index = 0; index < this.columns.length; index++) {
      const column = this.columns[index]!;
      const target = this.#targets[index]!;
      if (column.kind === "bag" && block >= column.bagFrom) {
        at = this.#addBag(target as Bag | null, column, words, floats, at, blockRows, from, count);
        continue;
      }
      if (column.kind === "bag" && target !== null) this.#addIds(target as Bag, words, at + from, count);
      else if (target !== null) {
        const values = target as Int32Array | Float32Array;
        const source = values instanceof Float32Array ? floats : words;
        const first = at + from * column.dim;
        const length = count * column.dim;
        const start = to * column.dim;
        for (let item = 0; item < length; item++) values[start + item] = source[first + item]!;
      }
      at += blockRows * column.dim;
    }
    this.#rows += count;
  }

  /** Appends the rows of a bag; returns the start of the next column. */
  #addBag(
    bag: Bag | null,
    { weighted }: StoredColumn,
    words: Int32Array,
    floats: Float32Array,
    at: number,
    blockRows: number,
    from: number,
    count: number,
  ): number {
    let before = 0;
    let itemCount = 0;
    let total = 0;
    for (let row = 0; row < blockRows; row++) {
      const length = words[at + row]!;
      if (row < from) before += length;
      else if (row < from + count) itemCount += length;
      total += length;
    }
    const ids = at + blockRows;
    const end = ids + total * (weighted ? 2 : 1);
    if (bag === null) return end;
    const start = this.#open(bag, itemCount);
    for (let row = 0; row < count; row++) {
      const place = this.#rows + row;
      bag.offsets[place + 1] = bag.offsets[place]! + words[at + from + row]!;
    }
    for (let item = 0; item < itemCount; item++) bag.ids[start + item] = words[ids + before + item]!;
    if (bag.weights !== null) {
      const weights = ids + total + before;
      for (let item = 0; item < itemCount; item++) bag.weights[start + item] = floats[weights + item]!;
    }
    return end;
  }

  #addIds(bag: Bag, words: Int32Array, at: number, count: number): void {
    let next = this.#open(bag, count);
    for (let row = 0; row < count; row++) {
      const id = words[at + row]!;
      if (id >= 0) bag.ids[next++] = id;
      bag.offsets[this.#rows + row + 1] = next;
    }
  }

  #open(bag: Bag, items: number): number {
    const start = this.#rows === 0 ? 0 : bag.offsets[this.#rows]!;
    bag.offsets[0] = 0;
    if (bag.exact || start + items <= bag.ids.length) return start;
    bag.ids = grown(bag.ids, start + items);
    if (bag.weights !== null) bag.weights = grown(bag.weights, start + items);
    this.#data = null;
    return start;
  }

  #view(): EncodedData {
    const features = new Map<string, FeatureColumn>();
    const floats = { label: new Map<string, Float32Array>(), weight: new Map<string, Float32Array>() };
    let domains: Int32Array | null = null;
    for (const [index, column] of this.columns.entries()) {
      const values = this.#targets[index]!;
      if (values === null) continue;
      const { section, name, kind, dim } = column;
      if (section === "domain") domains = values as Int32Array;
      else if (section !== "feature") floats[section].set(name, values as Float32Array);
      else if (kind === "dense") features.set(name, { kind, dim, values: values as Float32Array });
      else if (kind === "ids") features.set(name, { kind, ids: values as Int32Array });
      else {
        const { offsets, ids, weights } = values as Bag;
        features.set(name, { kind: "bag", offsets, ids, weights });
      }
    }
    const { label: labels, weight: sampleWeights } = floats;
    return { rows: this.capacity, features, labels, sampleWeights, domains, warnings: [] };
  }
}
