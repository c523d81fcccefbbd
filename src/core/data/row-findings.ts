/** What encoding finds in rows: faults, counted with the first of their rows, before they are located in files. */
import type { Finding } from "../errors/finding.js";
import type { TextColumn } from "./table/column.js";

/** The distinct texts of a column's cells, part by part; nothing if the column is not one of texts. */
export type ColumnTexts = (column: string) => AsyncIterable<readonly string[]>;

export interface RowFinding extends Pick<Finding, "severity" | "judge" | "message" | "expected"> {
  readonly column: string;
  /** A function, if it depends on all cells of a column, because encoding sees only parts of it. */
  readonly fix?: string | undefined | ((texts: ColumnTexts) => Promise<string | undefined>);
  readonly rows: number;
  /** The first of the rows. */
  readonly examples: readonly Example[];
}

export interface Example {
  readonly row: number;
  readonly received: string;
}

export interface RowProblems {
  /** Adds a problem of the rows that a fault counts, if there are any. */
  fault(column: string, fault: Fault, words: Pick<RowFinding, "message" | "expected" | "fix">): void;
}

export const mostExamples = 5;

/** Counts rows with one fault and keeps the first few. */
export class Fault {
  rows = 0;
  readonly examples: Example[] = [];

  /** `received`: a function if formatting is expensive, called only for the first few rows. */
  note(row: number, received: string | number | (() => string)): void {
    if (this.rows < mostExamples) {
      this.examples.push({ row, received: typeof received === "function" ? received() : String(received) });
    }
    this.rows += 1;
  }

  static ofWords({ codes, words }: TextColumn, test: (word: string) => boolean, text: (word: string) => string): Fault {
    const fault = new Fault();
    const isNoted = words.map(test);
    if (!isNoted.includes(true)) return fault;
    for (const [row, code] of codes.entries()) if (isNoted[code]) fault.note(row, () => text(words[code]!));
    return fault;
  }

  /** The value of the first row; empty without rows. */
  get received(): string {
    return this.examples[0]?.received ?? "";
  }
}
