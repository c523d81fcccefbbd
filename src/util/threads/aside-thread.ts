/**
 * A worker thread that starts at its first call, and again if it has ended. Its file calls `serveCalls`.
 */
import type { TransferListItem } from "node:worker_threads";
import { CalledThread, type ThreadParts } from "./called-thread.js";

/** The options of an {@link AsideThread}: {@link ThreadParts}, with the file looked up when the thread starts. */
export interface AsideThreadParts<Failure> extends Omit<ThreadParts<Failure>, "file"> {
  readonly file: () => string;
}

/** A worker thread that starts on demand. */
export class AsideThread<Call, Result, Failure> {
  readonly #parts: AsideThreadParts<Failure>;
  #thread: CalledThread<Call, Failure> | null = null;

  constructor(parts: AsideThreadParts<Failure>) {
    this.#parts = parts;
  }

  /** The number of calls that wait for an answer. */
  get waiting(): number {
    return this.#thread?.waiting ?? 0;
  }

  /** See {@link CalledThread.call}. */
  async call(call: Call, moves: readonly TransferListItem[] = []): Promise<Result> {
    this.#thread ??= new CalledThread({ ...this.#parts, file: this.#parts.file() }, () => {
      this.#thread = null;
    });
    return this.#thread.call(call, moves);
  }
}
