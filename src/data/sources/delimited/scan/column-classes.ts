/** What the columns of a CSV file hold, found cell by cell as a scan comes to their ends. */
import { textCell } from "../../../cells/cell-classes.js";
import { classOfBytes } from "../../../cells/class-of-bytes.js";

const quote = 34;

/** Grows with the cells that it is given. */
export class ColumnClasses {
  /** [columns], the bits of `cell-classes.ts`. */
  readonly classes: Uint8Array;
  /** Pieces of the cell at hand that came before the piece at hand. */
  private earlier: Buffer[] = [];
  private earlierBytes = 0;

  constructor(columns: number) {
    this.classes = new Uint8Array(columns);
  }

  /** The cell at hand goes on in the next piece. @param start where it begins in this one */
  goesOn(column: number, piece: Buffer, start: number): void {
    if (!this.isOpen(column)) return;
    const part = piece.subarray(Math.max(0, start));
    this.earlier.push(part);
    this.earlierBytes += part.length;
  }

  /** A cell without quotes. @param start before 0 if it began in an earlier piece */
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

  /** A cell in quotes, of which the first is `open` bytes from its start and the last `close`. */
  quoted(column: number, piece: Buffer, start: number, end: number, open: number, close: number): void {
    if (this.isOpen(column)) {
      const cell = this.earlierBytes === 0 ? piece.subarray(start, end) : this.joined(piece, start, end);
      const inside = cell.subarray(open + 1, close);
      // Quotes inside are written twice, or belong to a second pair: text, either way.
      this.classes[column]! |= inside.includes(quote) ? textCell : classOfBytes(inside, 0, inside.length);
    }
    this.forget();
  }

  private isOpen(column: number): boolean {
    return column < this.classes.length && this.classes[column]! < textCell;
  }

  /** An earlier piece may hold the beginning of a line end as well. */
  private joined(piece: Buffer, start: number, end: number): Buffer {
    return Buffer.concat([...this.earlier, piece.subarray(0, Math.max(0, end))]).subarray(0, end - start);
  }

  private forget(): void {
    if (this.earlierBytes === 0) return;
    this.earlier = [];
    this.earlierBytes = 0;
  }
}
