/**
 * The timers of TypeScript's watch program. It debounces rebuilds with them, and may have several pending: one to build
 * again, one to look for modules that were missing. tslab's converter has room for one, throws at the second, and then
 * throws forever; so its one timer stands here for all of them, and runs them when the converter needs a program.
 */

/** Room for one timer, which throws where it is taken. The timer runs when the owner says so. */
export interface TimerSlot {
  setTimeout(callback: () => void): unknown;
}

/** Any number of pending timers in one slot. */
export class RebuildTimers {
  readonly #pending = new Map<object, () => void>();
  #isSlotTaken = false;

  constructor(private readonly slot: TimerSlot) {}

  /** As the global function, but without a clock: the timer runs with the next rebuild. */
  readonly setTimeout = (callback: (...args: unknown[]) => void, _ms: number, ...args: unknown[]): object => {
    const timer = {};
    this.#pending.set(timer, () => callback(...args));
    if (!this.#isSlotTaken) {
      this.#isSlotTaken = true;
      this.slot.setTimeout(() => this.#runAll());
    }
    return timer;
  };

  /** As the global function. */
  readonly clearTimeout = (timer: object): void => {
    this.#pending.delete(timer);
  };

  /**
   * Runs the pending timers and those that they set. Where one throws, the others stay pending and the slot stays
   * taken, as the owner keeps a timer that threw.
   */
  #runAll(): void {
    for (const [timer, run] of this.#pending) {
      this.#pending.delete(timer);
      run();
    }
    this.#isSlotTaken = false;
  }
}
