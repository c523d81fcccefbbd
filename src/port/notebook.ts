/**
 * What long work needs from a notebook without knowing the kernel: one output that updates, and a signal that an
 * interrupt aborts. The kernel puts it under a global symbol; outside a notebook there is none.
 */

/** One output in several forms, by MIME type: the reader of the notebook draws the richest one it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** An output that can be replaced in place; a saved notebook holds its last state only. */
export interface DisplayHandle {
  /** Replaces what is shown. Every call sends a message: the caller limits how often. */
  update(bundle: MimeBundle): void;
}

/** The notebook, as the code of a running cell sees it. */
export interface NotebookDisplay {
  /** Adds an output to the running cell. */
  display(bundle: MimeBundle, options?: { readonly displayId?: string }): DisplayHandle;
  /**
   * Aborted when the user interrupts the running cell. Whoever asks for it promises to return within two seconds of
   * the abort; where nobody asks, an interrupt ends the cell at once.
   */
  signal(): AbortSignal;
  /** Removes the outputs of the running cell (`wait`: when the next output comes). */
  clear(wait?: boolean): void;
  /** A place in the JavaScript that runs as the reader of the notebook knows it: `cell 3, line 4, column 10`. */
  locate?(file: string, line: number, column: number): string | null;
}

/** The global symbol under which the kernel offers a {@link NotebookDisplay}. */
export const notebookDisplaySymbol: symbol = Symbol.for("pepnet.display");

/** The notebook this process is the kernel of, or null elsewhere. */
export function notebookDisplay(): NotebookDisplay | null {
  const globals = globalThis as Record<symbol, unknown>;
  return (globals[notebookDisplaySymbol] as NotebookDisplay | undefined) ?? null;
}
