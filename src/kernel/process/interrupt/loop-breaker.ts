/**
 * Terminates JavaScript that never returns to the event loop, even after an `await`, where `vm`'s interrupts do not
 * work. A second thread also receives the signal. If the main thread does not handle the signal for a while, the second
 * thread calls it through the inspector, in the middle of the loop. The loop is then terminated; the process and all
 * variables stay.
 */
import inspector from "node:inspector";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { internalBinding } from "./internal-binding.js";
import { isOwnWork } from "./own-work.js";

/** Answers to the thread: the main thread has received the signal; try again; the loop was terminated. */
export type LoopAnswer = "heard" | "later" | "ended";

/** The name under which the thread finds {@link LoopBreaker} in this thread. */
export const loopBreakerName = "pepnet.kernel.endLoop";

/** Terminates endless loops. */
export class LoopBreaker {
  readonly #entry = (signal: number, waitedMs: number): LoopAnswer => this.#end(signal, waitedMs);
  #heard = 0;
  #session: inspector.Session | null = null;

  /**
   * @param patienceMs how long the current code may continue after a signal
   * @param ended called when a loop was terminated
   */
  constructor(
    private readonly patienceMs: () => number,
    private readonly ended: () => void,
  ) {}

  /**
   * Whether this Node lets a thread receive signals. If not, only loops before a cell's first await can be terminated.
   */
  static readonly isPossible: boolean =
    internalBinding("signal_wrap") !== null && internalBinding("async_wrap") !== null;

  /** Starts the thread, which begins some milliseconds later without blocking this thread. */
  start(): void {
    if (this.#session !== null || !LoopBreaker.isPossible) return;
    this.#session = new inspector.Session();
    this.#session.connect();
    Object.defineProperty(globalThis, Symbol.for(loopBreakerName), { value: this.#entry });
    const thread = new Worker(path.join(__dirname, "loop-breaker-thread.js"));
    thread.on("error", () => {}); // the kernel continues; loops that do not await then end only with a restart
    thread.unref();
  }

  /** This thread has received a signal, so its event loop runs. */
  heard(): void {
    this.#heard++;
  }

  #end(signal: number, waitedMs: number): LoopAnswer {
    if (this.#heard >= signal) return "heard";
    if (isOwnWork() || waitedMs < this.patienceMs() || isInsideNode(interruptedFrame(this.#entry))) return "later";
    this.ended();
    // Node aborts the process if contexts that the terminated code entered are left.
    (internalBinding("async_wrap") as { clearAsyncIdStack(): void }).clearAsyncIdStack();
    this.#session?.post("Runtime.terminateExecution");
    return "ended";
  }
}

/** The frame, as a stack trace writes it, that runs below `entry` and the inspector's call of it. */
function interruptedFrame(entry: (...parameters: never[]) => unknown): string {
  const trace: { stack?: unknown } = {};
  Error.captureStackTrace(trace, entry);
  const [, , frame = ""] = String(trace.stack).split("\n");
  return frame;
}

/**
 * Whether Node's internal JavaScript runs, which may be about to enter an asynchronous context: the termination takes
 * effect some instructions later, and a context entered in between would abort the process. A moment later other code
 * runs.
 */
function isInsideNode(frame: string): boolean {
  return /\(?node:/.test(frame);
}
