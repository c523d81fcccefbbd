/** Calls to an engine one after the other, and none after it was disposed of. */
import { EngineError } from "../../errors/index.js";

/** A queue of one engine. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  /** Runs when all earlier calls have ended, however they ended. */
  run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) {
      return Promise.reject(
        new EngineError({
          path: "engine",
          message: "the engine was disposed",
          fix: "create a new one with createEngine",
        }),
      );
    }
    const result = this.#last.then(call, call);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Lets the running calls end, then frees; later calls are refused. May be called again. */
  close(free: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#last.then(free);
    return this.#closed;
  }
}
