/**
 * danfo frames of columns. danfo is the user's own package: it is looked up when a frame is asked for, first where the
 * user is (a notebook's folder), then beside this library.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { DataError } from "../../errors/index.js";

/** What a danfo DataFrame offers, as far as this library tells; `toDanfo<DataFrame>()` gives danfo's own type. */
export interface DanfoFrame {
  /** Names, in order. */
  readonly columns: string[];
  /** [rows, columns] */
  readonly shape: number[];
  /** danfo's type of each column. */
  readonly dtypes: string[];
  /** A label a row; usually 0, 1, 2 … */
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
  /** Prints it as danfo does. */
  print(): void;
}

/** danfo's `DataFrame`, or another class that is made of columns. */
export type FrameClass<Frame> = new (columns: Record<string, unknown[]>) => Frame;

/** Rows above which a frame is slower than files by far. */
export const mostFrameRows = 100_000;

/**
 * danfo's DataFrame class, from the folder where the user is, else from beside this library. Throws a DataError that
 * says how to install danfo where it is in neither.
 */
export function loadDanfo(
  from: readonly string[] = [join(process.cwd(), "noop.js"), __filename],
): FrameClass<DanfoFrame> {
  for (const place of from) {
    for (const name of ["danfojs-node", "danfojs"]) {
      const find = createRequire(place);
      try {
        find.resolve(name);
      } catch {
        continue;
      }
      return (find(name) as { DataFrame: FrameClass<DanfoFrame> }).DataFrame;
    }
  }
  throw new DataError({
    path: "toDanfo",
    message: "danfo is not installed, and this library does not bring it along",
    received: `no package danfojs-node in ${process.cwd()} or above`,
    expected: "danfojs-node",
    fix: "npm install danfojs-node, or use toColumns(), head() or toParquet(path), which need nothing",
  });
}
