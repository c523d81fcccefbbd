/** The main thread's end of one worker: calls and their answers, data sent once, and an end that waits. */
import type { EncodedData } from "../../../data/encoded.js";
import { EngineError } from "../../../errors/index.js";
import { EngineThread } from "./engine-thread.js";
import { type Call, type Reply, unpackError } from "./messages.js";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker that answers calls. */
export class WorkerLink {
  /** `null`: it is over. */
  #thread: EngineThread | null;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sent = new WeakMap<EncodedData, number>();
  readonly #collected: FinalizationRegistry<number>;
  #next = 1;

  /** @param died called where the thread ends of itself */
  constructor(died: () => void) {
    this.#thread = EngineThread.take({
      received: (reply) => this.#receive(reply),
      failed: (error) => {
        this.#thread = null;
        this.#fail(error);
        died();
      },
    });
    this.#collected = new FinalizationRegistry((key) => this.#thread?.post({ forget: key }));
  }

  /** The answer to a call. The process stays alive until it comes. */
  call<T>(call: Call): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      if (this.#thread === null) this.#fail(new Error("it has ended"));
      this.#thread?.keepsProcess(true);
      this.#thread?.post({ id, call });
    });
  }

  /** The key under which the worker knows data; sends it the first time, and lets go of it when it is collected here. */
  keep(data: EncodedData): number {
    const known = this.#sent.get(data);
    if (known !== undefined) return known;
    const key = this.#next++;
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

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#thread?.keepsProcess(false);
    if ("failure" in reply) waiting?.reject(unpackError(reply.failure));
    else waiting?.resolve(reply.result);
  }

  #fail(cause: Error): void {
    const error = new EngineError(
      { path: "engine", message: `the engine's thread failed: ${cause.message}` },
      { cause },
    );
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
