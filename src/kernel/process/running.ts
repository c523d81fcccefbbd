/** Running and waiting cells. */
import type { Message } from "../wire.js";
import type { Cell } from "./cell/cell.js";
import type { Channel } from "./messages/sockets.js";

export interface Running {
  readonly cell: Cell;
  readonly request: Message;
  readonly done: Promise<void>;
  /** Stops waiting for the cell. */
  readonly end: () => void;
}

export interface Queued {
  readonly request: Message;
  readonly channel: Channel;
}
