/**
 * Gives memory back while nobody waits. Every cell is compiled as a new program that shares most with the one before;
 * what it does not share is old by then, and V8 leaves it until its heap has grown to a multiple, for good in a notebook
 * that is left open. So when nothing was asked for a while after much was allocated, all garbage is collected and the
 * pages are returned to the system, which V8's ordinary collections keep.
 */
import inspector from "node:inspector";
import v8 from "node:v8";

const idleMs = 5_000;
/** A collection stops this thread for some tenths of a second: not for less. */
const worthBytes = 64 * 2 ** 20;
/** Of the user's own large heap it would take seconds. */
const mostBytes = 512 * 2 ** 20;

/** Waits for idle moments. */
export class IdleCollection {
  #timer: NodeJS.Timeout | null = null;
  #session: inspector.Session | null = null;
  #afterLast = v8.getHeapStatistics().total_heap_size;

  /** @param isIdle whether no cell runs or waits */
  constructor(private readonly isIdle: () => boolean) {}

  /** Something was answered: idleness begins anew. */
  touched(): void {
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => void this.#look(), idleMs).unref();
  }

  async #look(): Promise<void> {
    const { total_heap_size: total } = v8.getHeapStatistics();
    if (!this.isIdle() || total - this.#afterLast < worthBytes || total > mostBytes) return;
    await this.#collectAll();
    this.#afterLast = v8.getHeapStatistics().total_heap_size;
  }

  /** By the inspector, since `gc()` keeps the pages. The session stays: to leave it from within its answer hangs. */
  #collectAll(): Promise<void> {
    if (this.#session === null) {
      this.#session = new inspector.Session();
      this.#session.connect();
    }
    const session = this.#session;
    return new Promise((resolve) => session.post("HeapProfiler.collectGarbage", () => resolve()));
  }
}
