/**
 * Comms of Jupyter's protocol: channels between the code of a notebook and its front end, which widgets use. The kernel
 * provides them; outside a notebook they are missing.
 */

/** A message's content: JSON, and bytes beside it. */
export interface CommMessage {
  readonly data: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
}

/** Receives a message of the front end. An error appears below the cell that opened the comm. */
export type CommHandler = (message: CommMessage) => void | Promise<void>;

/** An open channel. */
export interface Comm {
  readonly id: string;
  /** Sends a message to the front end. */
  send(message: CommMessage): void;
  /** Tells the front end that no more messages follow. */
  close(): void;
}

/** What opens a channel. */
export interface CommOpening extends CommMessage {
  readonly id: string;
  /** The front end's part that receives it, such as `jupyter.widget`. */
  readonly target: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The channels of a notebook. */
export interface NotebookComms {
  /** Opens a channel to the front end, in the name of the running cell. */
  open(opening: CommOpening, onMessage: CommHandler): Comm;
  /** Accepts channels that the front end opens for `target`. */
  accept(target: string, onOpen: (comm: Comm) => CommHandler): void;
}
