/** Counts who uses a resource, so that it is freed once, after its last use. */

/** The uses of one resource. */
export class Uses {
  #count = 0;
  #closed: Promise<void> | null = null;
  #idle: () => void = () => undefined;

  /** Whether it is in use. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** Whether it was freed, or will be after its last use: then nothing may begin to use it. */
  get closed(): boolean {
    return this.#closed !== null;
  }

  /** The resource stays as long as this runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
      if (this.#count === 0) this.#idle();
    }
  }

  /** Frees the resource when nothing uses it any more. May be called again. */
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
