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
import type { DataWarning, EncodedData } from "../encoded/encoded.js";

/** Rows per block; the last block has the rest. */
export const blockRows = 32;

/** First bytes of the trailer; the number is the format's version. */
export const magic = "PEPNET-ENCODED-1";

/** Magic (16 bytes), footer bytes and index bytes (float64 each), checksum (uint32), four unused bytes. */
export const trailerBytes = 40;

/** The role of a column in encoded data. */
export type Section = "feature" | "label" | "weight" | "domain";

/** A column in every block. */
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

/** The content of the footer. */
export interface Layout {
  readonly rows: number;
  readonly columns: readonly StoredColumn[];
  readonly warnings: readonly DataWarning[];
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

/** The same for a file's rows. */
export function layoutBytes({ rows, columns }: Layout): number {
  const items = (column: StoredColumn): number =>
    column.kind === "bag" ? rows + column.items * (column.weighted ? 2 : 1) : rows * column.dim;
  return 4 * columns.reduce((sum, column) => sum + items(column), 0);
}
