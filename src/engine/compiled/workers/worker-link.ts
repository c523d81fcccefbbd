/** The main thread's end of one worker: calls and their answers, data sent once, and an end that waits. */
import type { EncodedData } from "../../../data/encoded/index.js";
import { EngineError } from "../../../errors/index.js";
import { EngineThread } from "./engine-thread.js";
import type { Call } from "./messages.js";

/** A worker that answers calls. */
export class WorkerLink {
  /** `null`: closed, or the thread ended. */
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

  /** The answer to a call. The process stays alive until it comes. */
  call<T>(call: Call): Promise<T> {
    return this.#thread?.call<T>(call) ?? Promise.reject(ended());
  }

  /** The key under which the worker knows data: sent at the first call, freed when it is garbage-collected here. */
  keep(data: EncodedData): number {
    const known = this.#sent.get(data);
    if (known !== undefined) return known;
    const key = this.#nextKey++;
    this.#sent.set(data, key);
    this.#collected.register(data, key);
    this.#thread?.post({ keep: key, data });
    return key;
  }

  /** Rows to send: a part of a larger array is copied out, since a message carries the whole array behind it. */
  static rows(rows: Int32Array): Int32Array {
    const whole = rows.byteLength === rows.buffer.byteLength || rows.buffer instanceof SharedArrayBuffer;
    return whole ? rows : rows.slice();
  }

  /** Lets the worker free what it has, and its thread go. */
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
