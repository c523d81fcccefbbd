/**
 * Ends JavaScript that never comes back to the event loop, also behind an `await`, where `vm`'s own interrupts do not
 * reach. A thread hears the signal too, and where this thread has not heard it after a while, it asks here, through
 * the inspector, in the middle of the loop; the loop is then terminated, the process and all variables stay.
 */
import inspector from "node:inspector";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { internalBinding } from "./internal-binding.js";
import { isOwnWork } from "./own-work.js";

/** What the thread is told: this thread has heard the signal; try again; the loop was ended. */
export type LoopAnswer = "heard" | "later" | "ended";

/** The name under which the thread finds {@link LoopBreaker} in this thread. */
export const loopBreakerName = "pepnet.kernel.endLoop";

/** What ends loops. */
export class LoopBreaker {
  readonly #entry = (signal: number, waitedMs: number): LoopAnswer => this.#end(signal, waitedMs);
  #heard = 0;
  #session: inspector.Session | null = null;

  /**
   * @param patienceMs how long the code that runs now may go on after a signal
   * @param ended is told when a loop was ended
   */
  constructor(
    private readonly patienceMs: () => number,
    private readonly ended: () => void,
  ) {}

  /** Whether this Node lets a thread hear signals. Where it does not, only loops before a cell's first await end. */
  static readonly isPossible: boolean =
    internalBinding("signal_wrap") !== null && internalBinding("async_wrap") !== null;

  /** Starts the thread. Its own work begins some milliseconds later, without this thread. */
  start(): void {
    if (this.#session !== null || !LoopBreaker.isPossible) return;
    this.#session = new inspector.Session();
    this.#session.connect();
    Object.defineProperty(globalThis, Symbol.for(loopBreakerName), { value: this.#entry });
    const thread = new Worker(path.join(__dirname, "loop-breaker-thread.js"));
    thread.on("error", () => {}); // the kernel goes on; loops that do not await then end with a restart only
    thread.unref();
  }

  /** This thread has heard a signal: its event loop turns. */
  heard(): void {
    this.#heard++;
  }

  #end(signal: number, waitedMs: number): LoopAnswer {
    if (this.#heard >= signal) return "heard";
    if (isOwnWork() || waitedMs < this.patienceMs() || isInsideNode(interruptedFrame(this.#entry))) return "later";
    this.ended();
    // Node ends the process where it finds contexts left that the ended code had entered.
    (internalBinding("async_wrap") as { clearAsyncIdStack(): void }).clearAsyncIdStack();
    this.#session?.post("Runtime.terminateExecution");
    return "ended";
  }
}

/** The frame, as a stack trace writes it, that runs below `entry` and the inspector's call of it. */
function interruptedFrame(entry: (...given: never[]) => unknown): string {
  const trace: { stack?: unknown } = {};
  Error.captureStackTrace(trace, entry);
  const [, , frame = ""] = String(trace.stack).split("\n");
  return frame;
}

/**
 * Whether Node's own JavaScript runs, which may be about to enter an asynchronous context: the termination comes some
 * instructions later, and a context entered by then would end the process. A moment later other code runs.
 */
function isInsideNode(frame: string): boolean {
  return /\(?node:/.test(frame);
}
