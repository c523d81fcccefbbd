/** Cells that run or wait. */
import type { Message } from "../wire.js";
import type { Cell } from "./cell/cell.js";
import type { Channel } from "./messages/sockets.js";

export interface Running {
  readonly cell: Cell;
  readonly request: Message;
  readonly done: Promise<void>;
  /** Does not wait for the cell any longer. */
  readonly end: () => void;
}

export interface Queued {
  readonly request: Message;
  readonly channel: Channel;
}
