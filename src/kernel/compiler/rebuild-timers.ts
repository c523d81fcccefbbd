/**
 * Multiplexes the timers of TypeScript's watch program. The program debounces rebuilds with timers and may have several
 * pending: one to rebuild, one to resolve missing modules. tslab's converter allows one timer and fails permanently at
 * the second, so its single timer runs all of them when the converter needs a program.
 */

/** A slot for one timer; setting a second one throws. The owner decides when the timer runs. */
export interface TimerSlot {
  setTimeout(callback: () => void): unknown;
}

export class RebuildTimers {
  readonly #pending = new Map<object, () => void>();
  #isSlotTaken = false;

  /** @param prepare runs before the timers, and may set some */
  constructor(
    private readonly slot: TimerSlot,
    private readonly prepare: () => void = () => {},
  ) {}

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** Like the global function, but without a clock: the timer runs with the next rebuild. */
  readonly setTimeout = (callback: (...args: unknown[]) => void, _ms: number, ...args: unknown[]): object => {
    const timer = {};
    this.#pending.set(timer, () => callback(...args));
    this.schedule();
    return timer;
  };

  readonly clearTimeout = (timer: object): void => {
    this.#pending.delete(timer);
  };

  schedule(): void {
    if (this.#isSlotTaken) return;
    this.#isSlotTaken = true;
    this.slot.setTimeout(() => this.#runAll());
  }

  /** If a timer throws, the others stay pending and the slot stays occupied, as the owner keeps that timer. */
  #runAll(): void {
    this.prepare();
    for (const [timer, run] of this.#pending) {
      this.#pending.delete(timer);
      run();
    }
    this.#isSlotTaken = false;
  }
}
