/**
 * Counts the uses of a resource, so that it is freed once, after its last use.
 */

/** The use count of one resource. */
export class Uses {
  #count = 0;
  #closed: Promise<void> | null = null;
  #idle: () => void = () => undefined;

  /** Whether it is in use. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** Whether the resource was freed or will be after its last use; no new use may begin. */
  get closed(): boolean {
    return this.#closed !== null;
  }

  /** Keeps the resource while the function runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      if (this.#count === 0) this.#idle();
    }
  }

  /** Frees the resource after its last use. May be called again. */
  close(free: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#afterLast().then(free);
    return this.#closed;
  }

  #afterLast(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#count === 0) resolve();
      else this.#idle = resolve;
    });
  }
}
