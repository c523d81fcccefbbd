/** A thread that starts at its first call and again if it has ended. Its file calls `serveCalls`. */
import type { TransferListItem } from "node:worker_threads";
import { CalledThread, type ThreadParts } from "./called-thread.js";

/** What an {@link AsideThread} is made of: a {@link ThreadParts} whose file is found when the thread starts. */
export interface AsideThreadParts<Failure> extends Omit<ThreadParts<Failure>, "file"> {
  readonly file: () => string;
}

/** A thread beside the caller's. */
export class AsideThread<Call, Result, Failure> {
  readonly #parts: AsideThreadParts<Failure>;
  #thread: CalledThread<Call, Failure> | null = null;

  constructor(parts: AsideThreadParts<Failure>) {
    this.#parts = parts;
  }

  /** How many calls wait for their answers. */
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
