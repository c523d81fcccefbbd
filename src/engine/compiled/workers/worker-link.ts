import type { EncodedData } from "../../../data/encoded/index.js";
import { EngineError } from "../../../errors/index.js";
import { EngineThread } from "./engine-thread.js";
import type { Call } from "./messages.js";

export class WorkerLink {
  /** `null`: closed, or the thread has ended. */
  #thread: EngineThread | null;
  readonly #sent = new WeakMap<EncodedData, number>();
  readonly #collected: FinalizationRegistry<number>;
  #nextKey = 1;

  /** @param died called if the thread ends before this link is closed */
  constructor(died: () => void) {
    this.#thread = EngineThread.take(() => {
      this.#thread = null;
      died();
    });
    this.#collected = new FinalizationRegistry((key) => this.#thread?.post({ forget: key }));
  }

  /** Sends a call and returns its answer. The process stays alive until then. */
  call<T>(call: Call): Promise<T> {
    return this.#thread?.call<T>(call) ?? Promise.reject(ended());
  }

  /** The key of data in the worker: sent at the first call, freed when the data is garbage-collected here. */
  keep(data: EncodedData): number {
    const sentKey = this.#sent.get(data);
    if (sentKey !== undefined) return sentKey;
    const key = this.#nextKey++;
    this.#sent.set(data, key);
    this.#collected.register(data, key);
    this.#thread?.post({ keep: key, data });
    return key;
  }

  /** Rows to send: a part of a larger array is copied, since a message contains the whole underlying array. */
  static rows(rows: Int32Array): Int32Array {
    const whole = rows.byteLength === rows.buffer.byteLength || rows.buffer instanceof SharedArrayBuffer;
    return whole ? rows : rows.slice();
  }

  async close(): Promise<void> {
    if (this.#thread === null) return;
    await this.call({ kind: "clear" });
    const thread = this.#thread;
    this.#thread = null;
    await thread?.release();
  }
}

function ended(): EngineError {
  return new EngineError({ path: "engine", message: "the engine's thread failed: it has exited" });
}
