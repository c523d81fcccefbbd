/** An output that updates and an interrupt signal; the kernel provides them under a global symbol. */

/** One output in several forms, by MIME type: the notebook viewer draws the richest form that it supports. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** An output that can be replaced in place; a saved notebook contains only its last state. */
export interface DisplayHandle {
  /** Replaces the output. Every call sends a message, so the caller must limit the rate. */
  update(bundle: MimeBundle): void;
}

/** The notebook, as seen by the code of a running cell. */
export interface NotebookDisplay {
  /** Adds an output to the running cell. */
  display(bundle: MimeBundle, options?: { readonly displayId?: string }): DisplayHandle;
  /**
   * Aborted when the user interrupts the running cell. A caller that reads this signal must return within two
   * seconds of the abort; if no caller reads it, an interrupt ends the cell at once.
   */
  signal(): AbortSignal;
  /** Removes the outputs of the running cell (`wait`: when the next output arrives). */
  clear(wait?: boolean): void;
  /** Whether outputs may still be replaced after the cell ends: true in JupyterLab and VS Code, false in nbconvert. */
  acceptsLateUpdates?(): boolean;
  /** Channels to the front end, for widgets. @internal */
  readonly comms?: NotebookComms;
  /** The bundle with which the notebook shows a value; `problem` if the value's display method failed. @internal */
  show?(value: unknown): Promise<{ readonly bundle: MimeBundle | null; readonly problem?: unknown }>;
  /** Converts a place in the running JavaScript to a place in the notebook: `cell 3, line 4, column 10`. */
  locate?(file: string, line: number, column: number): string | null;
}

/** The global symbol under which the kernel provides a {@link NotebookDisplay}. */
export const notebookDisplaySymbol: symbol = Symbol.for("pepnet.display");

export function notebookDisplay(): NotebookDisplay | null {
  const globals = globalThis as Record<symbol, unknown>;
  return (globals[notebookDisplaySymbol] as NotebookDisplay | undefined) ?? null;
}

/** Jupyter's comms: channels between a notebook's code and its front end, missing outside a notebook. */

export interface CommMessage {
  readonly data: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
}

export type CommHandler = (message: CommMessage) => void | Promise<void>;

export interface Comm {
  readonly id: string;
  send(message: CommMessage): void;
  close(): void;
}

export interface CommOpening extends CommMessage {
  readonly id: string;
  readonly target: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface NotebookComms {
  /** Opens a channel to the front end, in the name of the running cell. */
  open(opening: CommOpening, onMessage: CommHandler): Comm;
  /** Accepts channels that the front end opens for `target`. */
  accept(target: string, onOpen: (comm: Comm) => CommHandler): void;
}

/** The MIME type of the numbers behind an output: a flat JSON object of numbers by name. */

export const numbersMime = "application/vnd.pepnet.numbers+json";
