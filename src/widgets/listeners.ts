/** Functions that wait for something to happen. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #all = new Set<(...args: Args) => unknown>();

  /** Returns a function that removes it. */
  add(listener: (...args: Args) => unknown): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  /** Calls all, and waits for them. */
  async call(...args: Args): Promise<void> {
    await Promise.all([...this.#all].map(async (listener) => listener(...args)));
  }
}
