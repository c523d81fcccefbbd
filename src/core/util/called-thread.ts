/** A worker thread that starts at its first call, and again if it has ended. Its file calls `serveCalls`. */
import { parentPort, type TransferListItem, threadId, Worker } from "node:worker_threads";
import { debugLine, stackText } from "./debug.js";

export interface Called<Call> {
  readonly id: number;
  readonly call: Call;
}

export type Replied<Result, Failure> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly failure: Failure };

export interface ThreadParts<Failure> {
  readonly name: string;
  readonly file: () => string;
  readonly error: (failure: Failure) => Error;
  readonly ended: (cause: Error) => Error;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class CalledThread<Call, Failure> {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  /** Why the thread ended; `null` while it runs. */
  #end: Error | null = null;

  /** @param onEnd called once when the thread ends or is about to, before waiting calls are rejected */
  constructor(
    private readonly parts: ThreadParts<Failure>,
    onEnd: () => void,
  ) {
    const file = parts.file();
    this.#worker = new Worker(file, { name: parts.name });
    debugLine(parts.name, `thread ${this.#worker.threadId} started: ${file}`);
    this.#worker.unref(); // Lets a script that never closes the thread exit.
    this.#worker.on("message", (reply: Replied<unknown, Failure>) => this.#receive(reply));
    const end = (cause: Error) => {
      if (this.#end !== null) return;
      this.#end = cause;
      debugLine(parts.name, `thread ended: ${stackText(cause)}`);
      onEnd();
      for (const { reject } of this.#waiting.values()) reject(parts.ended(cause));
      this.#waiting.clear();
    };
    this.#worker.on("error", end);
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        end(new Error("the thread ended"));
        resolve();
      });
    });
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The process stays alive until the answer. @param moves buffers to transfer; the caller can no longer use them */
  call<Result>(call: Call, moves: readonly TransferListItem[] = []): Promise<Result> {
    if (this.#end !== null) return Promise.reject(this.parts.ended(this.#end));
    const id = this.#next++;
    return new Promise<Result>((resolve, reject) => {
      this.post({ id, call } satisfies Called<Call>, moves); // Throws, and so rejects, if a value cannot be copied.
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.ref();
    });
  }

  post(message: unknown, moves: readonly TransferListItem[] = []): void {
    this.#worker.postMessage(message, moves);
  }

  exit(message: unknown): Promise<void> {
    this.post(message);
    this.#worker.ref();
    return this.#exited;
  }

  #receive(reply: Replied<unknown, Failure>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("failure" in reply) waiting?.reject(this.parts.error(reply.failure));
    else waiting?.resolve(reply.result);
  }
}

/** In the thread: answers calls in order, or returns the error of a failed call. */
export function serveCalls<Call, Result, Failure>(
  answer: (call: Call) => Result | Promise<Result>,
  failure: (error: unknown) => Failure,
): void {
  let last: Promise<void> = Promise.resolve();
  const reply = async ({ id, call }: Called<Call>): Promise<void> => {
    let replied: Replied<Result, Failure>;
    try {
      replied = { id, result: await answer(call) };
    } catch (error) {
      debugFailure(error);
      replied = { id, failure: failure(error) };
    }
    parentPort?.postMessage(replied);
  };
  parentPort?.on("message", (called: Called<Call>) => {
    last = last.then(() => reply(called));
  });
}

export function debugFailure(error: unknown): void {
  debugLine(`thread ${threadId}`, `call failed: ${stackText(error)}`);
}

export function failureText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export class AsideThread<Call, Result, Failure> {
  #thread: CalledThread<Call, Failure> | null = null;

  constructor(private readonly parts: ThreadParts<Failure>) {}

  get waiting(): number {
    return this.#thread?.waiting ?? 0;
  }

  async call(call: Call, moves: readonly TransferListItem[] = []): Promise<Result> {
    this.#thread ??= new CalledThread(this.parts, () => {
      this.#thread = null;
    });
    return this.#thread.call(call, moves);
  }
}

export function sharedFloats(from: number | ArrayLike<number>): Float32Array {
  return filled(new Float32Array(new SharedArrayBuffer(4 * lengthOf(from))), from);
}

export function sharedInts(from: number | ArrayLike<number>): Int32Array {
  return filled(new Int32Array(new SharedArrayBuffer(4 * lengthOf(from))), from);
}

export function sharedDoubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

function lengthOf(from: number | ArrayLike<number>): number {
  return typeof from === "number" ? from : from.length;
}

function filled<Values extends Float32Array | Int32Array>(values: Values, from: number | ArrayLike<number>): Values {
  if (typeof from !== "number") values.set(from);
  return values;
}
