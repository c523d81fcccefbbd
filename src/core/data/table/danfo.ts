/** Columns as danfo frames; danfo is the user's, resolved from the working directory, then from this library. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { DataError } from "../../errors/index.js";
import { attempt } from "../../util/attempt.js";

/** The part of danfo's DataFrame that this library types; `toDanfo<DataFrame>()` returns danfo's type. */
export interface DanfoFrame {
  readonly columns: string[];
  /** [rows, columns] */
  readonly shape: number[];
  readonly dtypes: string[];
  /** One label per row; usually 0, 1, 2 … */
  readonly index: (string | number)[];
  /** [rows][columns] */
  readonly values: unknown[];
  /** [columns][rows] */
  readonly getColumnData: unknown[][];
  /** The first rows (5). */
  head(rows?: number): DanfoFrame;
  /** The last rows (5). */
  tail(rows?: number): DanfoFrame;
  /** One column as a series. */
  column(name: string): { readonly values: unknown[] };
  /** Prints the frame. */
  print(): void;
}

/** danfo's `DataFrame`, or another class with the same constructor. */
export type FrameClass<Frame> = new (columns: Record<string, unknown[]>) => Frame;

/** Number of rows above which a frame is much slower than files. */
export const mostFrameRows = 100_000;

/** danfo's DataFrame class. @param from files whose folders are searched @throws DataError if it is not installed */
export function loadDanfo(
  from: readonly string[] = [join(process.cwd(), "noop.js"), __filename],
): FrameClass<DanfoFrame> {
  for (const find of from.map(createRequire)) {
    for (const name of ["danfojs-node", "danfojs"]) {
      if (attempt(() => find.resolve(name), null) !== null) return find(name).DataFrame;
    }
  }
  throw new DataError({
    path: "toDanfo",
    message: "danfo is not installed, and this library does not include it",
    received: `no package danfojs-node in ${process.cwd()} or above`,
    expected: "danfojs-node",
    fix: "npm install danfojs-node, or use toColumns(), head() or toParquet(path), which work without it",
  });
}
