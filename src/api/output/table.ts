/** A table of one's own results that shows itself in a notebook. */
import type { Cell } from "../../charts/index.js";
import type { DanfoFrame, FrameClass } from "../../data/index.js";
import { Displayable, type DisplayBundle } from "./displayable.js";

/** Rows by column name. */
export type TableRows = readonly Readonly<Record<string, Cell>>[];

/** Rows that show as a table. Made by {@link table}. */
export class TableOutput extends Displayable {
  /** The rows as they were given. */
  readonly rows: TableRows;
  /** Above the table; `null`: none. */
  readonly caption: string | null;
  /** Digits after the point, in columns that hold fractions. */
  readonly digits: number;

  /** Use {@link table}. @internal */
  constructor(rows: TableRows, caption: string | null, digits: number) {
    super();
    this.rows = rows;
    this.caption = caption;
    this.digits = digits;
  }

  /** The rows as a danfo frame; see `Dataset.toDanfo`. */
  async toDanfo<Frame = DanfoFrame>(frameClass?: FrameClass<Frame>): Promise<Frame> {
    const { recordsFrame } = await import("./frames.js");
    return recordsFrame(this.rows, frameClass);
  }

  /** The table as HTML and text. */
  async bundle(): Promise<DisplayBundle> {
    const { tableBundle } = await import("../../render/index.js");
    const names = [...new Set(this.rows.flatMap((row) => Object.keys(row)))];
    const isFraction = (name: string): boolean =>
      this.rows.some((row) => typeof row[name] === "number" && !Number.isInteger(row[name]));
    return tableBundle({
      ...(this.caption === null ? {} : { caption: this.caption }),
      columns: names.map((name) => (isFraction(name) ? { name, digits: this.digits } : { name })),
      rows: this.rows.map((row) => names.map((name) => row[name] ?? null)),
    });
  }
}

/**
 * Rows as a table for the end of a cell; a column appears where any row has it. Fractions show `digits` digits.
 *
 * @example
 * const runs = [await model.fit(data, { seed: 1 }), await model.fit(data, { seed: 2 })];
 * table(runs.map((run, i) => ({ seed: i, ctr: run.evaluation?.auc("ctr") ?? null })), "Two seeds");
 */
export function table(rows: TableRows, caption: string | null = null, digits = 4): TableOutput {
  return new TableOutput(rows, caption, digits);
}
