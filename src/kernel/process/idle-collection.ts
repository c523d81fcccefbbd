/**
 * Returns memory to the system while the kernel is idle. Each cell is compiled as a new program that shares most
 * objects with the previous one; V8 keeps the rest until its heap has grown to a multiple, which never happens in a
 * notebook that is left open. So after a large allocation and an idle period, all garbage is collected and its pages,
 * which V8's ordinary collections keep, are returned to the system.
 */
import inspector from "node:inspector";
import v8 from "node:v8";

const idleMs = 5_000;
/** The smallest growth worth a collection, which stops this thread for some tenths of a second. */
const worthBytes = 64 * 2 ** 20;
/** The largest heap to collect: for larger ones, a collection would take seconds. */
const mostBytes = 512 * 2 ** 20;

export class IdleCollection {
  #timer: NodeJS.Timeout | null = null;
  #session: inspector.Session | null = null;
  #afterLast = v8.getHeapStatistics().total_heap_size;

  constructor(private readonly isIdle: () => boolean) {}

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

  /** Uses the inspector, since `gc()` keeps the pages. The session stays open: closing it inside its callback hangs. */
  #collectAll(): Promise<void> {
    if (this.#session === null) {
      this.#session = new inspector.Session();
      this.#session.connect();
    }
    const session = this.#session;
    return new Promise((resolve) => session.post("HeapProfiler.collectGarbage", () => resolve()));
  }
}
