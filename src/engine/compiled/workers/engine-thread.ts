/**
 * The threads behind workers. When an engine is done with one, it waits for the next engine: its code is compiled
 * already, which costs a fresh thread 0.2 s of processor time over its first hundred steps.
 */
import { EngineError } from "../../../errors/index.js";
import { CalledThread } from "../../../util/threads/called-thread.js";
import { workerFile } from "../../../util/threads/worker-file.js";
import { type Call, type Failure, type Notice, unpackError } from "./messages.js";

/** Most threads that wait. */
const mostIdle = 2;

const idle: EngineThread[] = [];

/** A thread that runs `worker.ts`. */
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

  /** A thread that waited, or a new one. @param died called if the thread ends before it is released */
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

  /** Its user is done, and it holds nothing any more: it waits, or ends by itself. */
  async release(): Promise<void> {
    this.#died = () => {};
    if (idle.length < mostIdle) {
      idle.push(this);
      return;
    }
    await this.#thread.exit({ end: true } satisfies Notice);
  }
}
