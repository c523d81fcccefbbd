/**
 * Classifies the columns of a CSV file cell by cell during a scan.
 */
import { textCell } from "../../../cells/cell-classes.js";
import { classOfBytes } from "../../../cells/class-of-bytes.js";

const quote = 34;

/** Collects the classes of all cells. */
export class ColumnClasses {
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** Chunks of the current cell before the current chunk. */
  private earlier: Buffer[] = [];
  private earlierBytes = 0;

  constructor(columns: number) {
    this.classes = new Uint8Array(columns);
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
      if (this.earlierBytes === 0) this.classes[column]! |= classOfBytes(piece, start, end);
      else {
        const cell = this.joined(piece, start, end);
        this.classes[column]! |= classOfBytes(cell, 0, cell.length);
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
      this.classes[column]! |= inside.includes(quote) ? textCell : classOfBytes(inside, 0, inside.length);
    }
    this.forget();
  }

  private isOpen(column: number): boolean {
    return column < this.classes.length && this.classes[column]! < textCell;
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
