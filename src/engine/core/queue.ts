import { EngineError } from "../../errors/index.js";

export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  /** Runs after all earlier calls have ended, also failed ones. */
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

  /** Waits for the current calls, then frees; later calls are rejected. May be called again. */
  close(free: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#last.then(free);
    return this.#closed;
  }
}
