/** Terminates JavaScript that never returns to the event loop: a second thread does it through the inspector. */
import inspector from "node:inspector";
import type { Worker } from "node:worker_threads";
import { internalBinding, type LoopAnswer, loopBreakerName } from "./bindings.js";
import { isOwnWork, ownWork } from "./sockets.js";

export class LoopBreaker {
  readonly #entry = (signal: number, waitedMs: number): LoopAnswer => this.#end(signal, waitedMs);
  #heard = 0;
  readonly ready: Promise<void>;
  #markReady: () => void = () => {};
  readonly #session = new inspector.Session();

  /** @param patienceMs how long code may continue after a signal @param ended called when a loop was terminated */
  constructor(
    private readonly patienceMs: () => number,
    private readonly ended: () => void,
  ) {
    this.ready = LoopBreaker.isPossible ? new Promise((resolve) => (this.#markReady = resolve)) : Promise.resolve();
  }

  /** Whether a thread can receive signals; if not, only loops before a cell's first await can be ended. */
  static get isPossible(): boolean {
    return internalBinding("signal_wrap") !== null && internalBinding("async_wrap") !== null;
  }

  /** @param helper the thread that receives signals */
  start(helper: Worker): void {
    if (!LoopBreaker.isPossible) return;
    this.#session.connect();
    Object.defineProperty(globalThis, Symbol.for(loopBreakerName), { value: this.#entry });
    helper.on("message", (signal: number) => {
      ownWork(() => (this.#heard = signal));
      this.#markReady();
    });
  }

  #end(signal: number, waitedMs: number): LoopAnswer {
    if (this.#heard >= signal) return "heard";
    if (isOwnWork() || waitedMs < this.patienceMs()) return "later";
    const frame = interruptedFrame(this.#entry);
    if (frame.trim() === "" || /\(?node:/.test(frame)) return "later"; // else the next task would end, or the process
    this.ended();
    // Node aborts the process if contexts that the terminated code entered are left.
    (internalBinding("async_wrap") as { clearAsyncIdStack(): void }).clearAsyncIdStack();
    this.#session.post("Runtime.terminateExecution");
    return "ended";
  }
}

function interruptedFrame(entry: (...parameters: never[]) => unknown): string {
  const trace: { stack?: unknown } = {};
  Error.captureStackTrace(trace, entry);
  const [, , frame = ""] = String(trace.stack).split("\n");
  return frame;
}
