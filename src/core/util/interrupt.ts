/** Ways to end long work early: the signal that was passed to a call, and an interrupt of a notebook's cell. */
import { AsyncLocalStorage } from "node:async_hooks";
import { setMaxListeners } from "node:events";

/** The global symbol under which the kernel provides the `NotebookDisplay` of src/core/port. */
export const notebookDisplaySymbol: symbol = Symbol.for("pepnet.display");

/** The part of a `NotebookDisplay` that ends work. */
export interface CellInterrupts {
  /** Aborted by an interrupt of the running cell. */
  interruption(): AbortSignal;
  /** Begins work that ends soon after that abort: the cell waits for it, for five seconds. Returns a function that ends the wait. */
  beginWork(): () => void;
}

/** The signal of a call that may take long. */
export interface SignalOptions {
  /** Aborts the call, which then rejects with the signal's reason. In a notebook an interrupt does the same. */
  readonly signal?: AbortSignal | undefined;
}

/** Made by the first call with a signal: from then on, Node follows every promise. */
let calls: AsyncLocalStorage<AbortSignal | null> | null = null;

function under<T>(signal: AbortSignal | null, work: () => T): T {
  calls ??= new AsyncLocalStorage();
  return calls.run(signal, work);
}

function notebook(): CellInterrupts | undefined {
  return (globalThis as Record<symbol, unknown>)[notebookDisplaySymbol] as CellInterrupts | undefined;
}

/** The signal that ends the running work; `undefined`: nothing ends it. */
export function currentSignal(): AbortSignal | undefined {
  const ofCall = calls?.getStore();
  return ofCall === undefined ? notebook()?.interruption() : (ofCall ?? undefined);
}

/** Calls `work`, which cannot be ended early, such as the last steps of an interrupted training. */
export function uninterrupted<T>(work: () => T): T {
  return currentSignal() === undefined ? work() : under(null, work);
}

/** A notebook gives interrupted work a few seconds to return its results so far. */
export const graceMillis = 1000;

/** What `work` resolves to if that takes at most a second, else `null`; for the end of interrupted work. */
export async function inTime<T>(work: () => Promise<T>): Promise<T | null> {
  const limit = AbortSignal.timeout(graceMillis);
  return uninterrupted(() => withSignal(limit, work)).catch((error: unknown) => {
    if (limit.aborted && error === limit.reason) return null;
    throw error;
  });
}

/** As `work`; if it is interrupted, as {@link inTime}. */
export async function orInTime<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!isInterruption(error)) throw error;
    return inTime(work);
  }
}

/** Calls `listener` when the signal aborts. Returns a function that removes it again. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => undefined;
  setMaxListeners(0, signal); // else Node warns of a leak where a cell reads ten files at once
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

/** @throws the signal's reason if the running work should end */
export function throwIfInterrupted(): void {
  currentSignal()?.throwIfAborted();
}

/** Whether an error is the reason for which the running work ended. */
export function isInterruption(error: unknown): boolean {
  const signal = currentSignal();
  return signal?.aborted === true && error === signal.reason;
}

/**
 * Begins work that ends soon after the current signal aborts. Until it ends, which the returned function reports, the
 * code of an interrupted cell is not terminated: otherwise its resources would never be released.
 */
export function beginWork(): () => void {
  return notebook()?.beginWork() ?? (() => undefined);
}

/** Runs work that ends soon after its signal aborts. Rejects with the signal's reason if it is aborted before. */
export async function interruptible<T>(work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
  const end = beginWork();
  try {
    throwIfInterrupted();
    return await work(currentSignal());
  } finally {
    end();
  }
}

/**
 * Calls `work`. When the signal aborts, the long calls in it end and reject with the signal's reason; `fit` and
 * `ablate` return their results so far. It is for calls without an option `signal`, such as verbs. In a notebook an
 * interrupt of the cell ends them in any case.
 * @param signal `undefined`: only an interrupt ends them
 * @example
 * const stop = new AbortController();
 * const waiting = withSignal(stop.signal, () => data.groupBy("scene").summarise({ ctr: "avg(clk)" }));
 * stop.abort(new Error("no longer needed")); // waiting rejects with this error
 */
export async function withSignal<T>(signal: AbortSignal | undefined, work: () => T | PromiseLike<T>): Promise<T> {
  // Verbs run when they are awaited, so they are awaited in here.
  const awaited = (): Promise<T> => interruptible(async () => work());
  if (signal === undefined) return awaited();
  const outer = currentSignal();
  return under(outer === undefined ? signal : AbortSignal.any([outer, signal]), awaited);
}

interface Held<Value> {
  readonly value: Promise<Value>;
  /** The signal of the caller that makes the value; `undefined` once it is made. */
  signal: AbortSignal | undefined;
}

/** A value that several callers wait for. If the caller that makes it is interrupted, or fails, the next caller makes it again. */
export class SharedValue<Value> {
  #held: Held<Value> | null = null;

  async get(make: () => Promise<Value>): Promise<Value> {
    for (;;) {
      // A caller that was interrupted may never end: its code may have been terminated in a loop.
      const held = this.#held?.signal?.aborted === true ? null : this.#held;
      const { value, signal } = held ?? this.#make(make);
      try {
        return await value;
      } catch (error) {
        throwIfInterrupted();
        if (signal?.aborted !== true) throw error;
      }
    }
  }

  #make(make: () => Promise<Value>): Held<Value> {
    const held: Held<Value> = { value: interruptible(make), signal: currentSignal() };
    this.#held = held;
    held.value.then(
      () => {
        held.signal = undefined;
      },
      () => {
        if (this.#held === held) this.#held = null;
      },
    );
    return held;
  }
}
