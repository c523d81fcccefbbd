/** Reused worker threads: compiling the code again costs a new thread 0.2 s over its first hundred steps. */
import { EngineError } from "../../errors/index.js";
import { CalledThread } from "../../util/called-thread.js";
import { workerFile } from "../../util/worker-file.js";
import { type Call, type Failure, type Notice, unpackError } from "./control.js";

const mostIdle = 2;

const idle: EngineThread[] = [];

export class EngineThread {
  readonly #thread: CalledThread<Call, Failure>;
  #died: () => void = () => {};

  private constructor() {
    const parts = {
      name: "pepnet-engine",
      file: workerFile(__dirname, "worker"),
      error: unpackError,
      ended: (cause: Error) =>
        new EngineError({ path: "engine", message: `the engine's thread failed: ${cause.message}` }, { cause }),
    };
    this.#thread = new CalledThread(parts, () => {
      const place = idle.indexOf(this);
      if (place >= 0) idle.splice(place, 1);
      this.#died();
    });
  }

  /** A waiting thread, or a new one. @param died called if the thread ends before it is released */
  static take(died: () => void): EngineThread {
    const thread = idle.pop() ?? new EngineThread();
    thread.#died = died;
    return thread;
  }

  call<T>(call: Call): Promise<T> {
    return this.#thread.call(call);
  }

  post(notice: Notice): void {
    this.#thread.post(notice);
  }

  /** The thread is unused and empty: it waits in the pool, or ends. */
  async release(): Promise<void> {
    this.#died = () => {};
    if (idle.length < mostIdle) {
      idle.push(this);
      return;
    }
    await this.#thread.exit({ end: true } satisfies Notice);
  }
}
