/** A cell between its compilation and its end. */
import type { Failure } from "./cell/failure.js";
import type { Declarations } from "./code/declarations.js";

/** How a cell ended. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure };

/** A compiled cell that has not run yet. */
export interface ExecutableCell {
  readonly file: string;
  readonly javascript: string;
  /** Number of characters before the cell's code in its first line. */
  readonly headLength: number;
  readonly isAsync: boolean;
  /** The declarations of all variables after it has run. */
  readonly declarations: Declarations;
  /** Whether these include the library's names. */
  readonly knowsLibrary: boolean;
  /** The variable that receives its last value. */
  readonly lastName: string | undefined;
  /** Whether its declarations were added to the session's. */
  settled: boolean;
}

/** A cell that can run, or its outcome if it cannot. */
export type Compiled =
  | { readonly cell: ExecutableCell; readonly outcome?: never }
  | { readonly outcome: Outcome; readonly cell?: never };
