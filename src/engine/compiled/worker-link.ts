/** The main thread's end of one worker: calls and their answers, data sent once, and an end that waits. */
import { Worker } from "node:worker_threads";
import type { EncodedData } from "../../data/encoded.js";
import { EngineError } from "../../errors/index.js";
import { workerFile } from "../../util/worker-file.js";
import { type Call, type Reply, type Request, unpackError } from "./messages.js";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker that answers calls. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  readonly #sent = new WeakMap<EncodedData, number>();
  readonly #collected: FinalizationRegistry<number>;
  #next = 1;

  /** @param died called where the thread ends of itself */
  constructor(died: () => void) {
    this.#worker = new Worker(workerFile(__dirname, "worker"), { name: "pepnet-engine" });
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (error) => {
      this.#fail(error);
      died();
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#fail(new Error("the thread ended"));
        resolve();
      });
    });
    this.#collected = new FinalizationRegistry((key) => this.#post({ forget: key }));
    this.#worker.unref(); // a script that forgets dispose() still ends
  }

  /** The answer to a call. The process stays alive until it comes. */
  call<T>(call: Call): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.ref();
      this.#post({ id, call });
    });
  }

  /** The key under which the worker knows data; sends it the first time, and lets go of it when it is collected here. */
  keep(data: EncodedData): number {
    const known = this.#sent.get(data);
    if (known !== undefined) return known;
    const key = this.#next++;
    this.#sent.set(data, key);
    this.#collected.register(data, key);
    this.#post({ keep: key, data });
    return key;
  }

  /** Rows to send: a part of a larger array is copied out, since a message carries the whole array behind it. */
  static rows(rows: Int32Array): Int32Array {
    const whole = rows.byteLength === rows.buffer.byteLength || rows.buffer instanceof SharedArrayBuffer;
    return whole ? rows : rows.slice();
  }

  /** Lets the worker free what it has and end by itself. */
  async close(): Promise<void> {
    await this.call({ kind: "close" });
    this.#worker.ref();
    await this.#ended;
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
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
