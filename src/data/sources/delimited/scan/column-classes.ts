/**
 * Classifies the columns of a CSV file cell by cell during a scan.
 */
import { markCell, textCell } from "../../../cells/cell-classes.js";
import { classOfBytes } from "../../../cells/class-of-bytes.js";
import { withoutBlanks } from "../../../cells/number-text.js";

const quote = 34;

/** A text with the number of its cells. */
export interface CountedText {
  readonly text: string;
  readonly count: number;
}

/** Collects the classes of all cells. */
export class ColumnClasses {
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** Chunks of the current cell before the current chunk. */
  private earlier: Buffer[] = [];
  private earlierBytes = 0;
  /** [columns], the number of each usual text for a missing value. */
  private readonly marks: (Map<string, number> | undefined)[] = [];
  private readonly nulls: ReadonlySet<string>;
  private readonly longestNull: number;

  /** @param nulls texts of missing values in every column */
  constructor(columns: number, nulls: readonly string[]) {
    this.classes = new Uint8Array(columns);
    this.nulls = new Set(nulls);
    this.longestNull = Math.max(0, ...nulls.map((text) => Buffer.byteLength(text)));
  }

  /** The usual texts for a missing value in a column of other kinds than text. */
  columnMarks(column: number): readonly CountedText[] {
    return [...(this.marks[column] ?? [])].map(([text, count]) => ({ text, count }));
  }

  /** The current cell continues in the next chunk. @param start its start in this chunk */
  goesOn(column: number, piece: Buffer, start: number): void {
    if (!this.isOpen(column)) return;
    const part = piece.subarray(Math.max(0, start));
    this.earlier.push(part);
    this.earlierBytes += part.length;
  }

  /** A cell without quotes. @param start before 0 if it began in an earlier chunk */
  plain(column: number, piece: Buffer, start: number, end: number): void {
    if (this.isOpen(column)) {
      if (this.earlierBytes === 0) this.add(column, piece, start, end);
      else {
        const cell = this.joined(piece, start, end);
        this.add(column, cell, 0, cell.length);
      }
    }
    this.forget();
  }

  /** A quoted cell, with its first quote `open` bytes from its start and its last at `close`. */
  quoted(column: number, piece: Buffer, start: number, end: number, open: number, close: number): void {
    if (this.isOpen(column)) {
      const cell = this.earlierBytes === 0 ? piece.subarray(start, end) : this.joined(piece, start, end);
      const inside = cell.subarray(open + 1, close);
      // Quotes inside are escaped, or belong to a second pair: text in both cases.
      if (inside.includes(quote)) this.classes[column]! |= textCell;
      else this.add(column, inside, 0, inside.length);
    }
    this.forget();
  }

  private add(column: number, bytes: Buffer, start: number, end: number): void {
    if (this.isNull(bytes, start, end)) return;
    const bit = classOfBytes(bytes, start, end);
    this.classes[column]! |= bit;
    if (bit !== markCell) return;
    const text = withoutBlanks(bytes.toString("utf8", start, end));
    this.marks[column] ??= new Map();
    this.marks[column].set(text, (this.marks[column].get(text) ?? 0) + 1);
  }

  private isNull(bytes: Buffer, start: number, end: number): boolean {
    // Blanks around a text are ignored; a cell with many is compared as well.
    if (
      this.nulls.size === 0 ||
      (end - start > this.longestNull && !isBlank(bytes[start]!) && !isBlank(bytes[end - 1]!))
    )
      return false;
    return this.nulls.has(withoutBlanks(bytes.toString("utf8", start, end)));
  }

  private isOpen(column: number): boolean {
    return column < this.classes.length && (this.classes[column]! & textCell) === 0;
  }

  /** An earlier chunk may contain the start of a line end too. */
  private joined(piece: Buffer, start: number, end: number): Buffer {
    return Buffer.concat([...this.earlier, piece.subarray(0, Math.max(0, end))]).subarray(0, end - start);
  }

  private forget(): void {
    if (this.earlierBytes === 0) return;
    this.earlier = [];
    this.earlierBytes = 0;
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9;
}
