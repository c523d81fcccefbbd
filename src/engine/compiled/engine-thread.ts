/** Reused worker threads: compiling the code again costs a new thread 0.2 s over its first hundred steps. */
import type { EncodedData } from "../../data/encoded/encoded.js";
import { EngineError } from "../../errors/index.js";
import { CalledThread } from "../../util/called-thread.js";
import { workerFile } from "../../util/worker-file.js";
import { type Call, type Failure, type Notice, unpackError } from "./control.js";

const mostIdle = 2;

const idle: EngineThread[] = [];

export class EngineThread {
  readonly #thread: CalledThread<Call, Failure>;
  readonly #collected = new FinalizationRegistry<number>((key) => this.#post({ forget: key }));
  #sent = new WeakMap<EncodedData, number>();
  #nextKey = 1;
  #isEnded = false;
  #died: () => void = () => {};

  private constructor() {
    const parts = {
      name: "pepnet-engine",
      file: workerFile(__dirname, "worker"),
      error: unpackError,
      ended: (cause: Error) =>
        new EngineError({ path: "engine", message: `the engine's thread failed: ${cause.message}`, cause }),
    };
    this.#thread = new CalledThread(parts, () => {
      this.#isEnded = true;
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

  /** Sends a call and returns its answer. The process stays alive until then. */
  call<T>(call: Call): Promise<T> {
    return this.#thread.call(call);
  }

  /** The key of data in the worker: sent at the first call, freed when the data is garbage-collected here. */
  keep(data: EncodedData): number {
    const sentKey = this.#sent.get(data);
    if (sentKey !== undefined) return sentKey;
    const key = this.#nextKey++;
    this.#sent.set(data, key);
    this.#collected.register(data, key);
    this.#post({ keep: key, data });
    return key;
  }

  /** Empties the thread: it waits in the pool, or ends. */
  async release(): Promise<void> {
    if (this.#isEnded) return;
    await this.call({ kind: "clear" });
    this.#sent = new WeakMap();
    this.#died = () => {};
    if (idle.length < mostIdle) idle.push(this);
    else await this.#thread.exit({ end: true } satisfies Notice);
  }

  #post(notice: Notice): void {
    this.#thread.post(notice);
  }
}
