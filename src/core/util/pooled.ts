/** A pool of few open resources: an idle one is closed when others are needed, and reopened at its next use. */

import { beginWork } from "./interrupt.js";

export interface Handling<Resource> {
  /** Frees a resource and returns a function that reopens it. If it throws, the resource stays open. */
  putAway(resource: Resource): Promise<() => Promise<Resource>>;
  free(resource: Resource): Promise<void>;
  freed(): Error;
}

/** Owners of open resources, least recently used first. */
export class Pool {
  readonly #running = new Set<Pooled<unknown>>();

  /** @param most the maximum number of open resources while none is in use */
  constructor(private readonly most: number) {}

  add(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
    this.#running.add(owner);
  }

  remove(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
  }

  async makeRoom(): Promise<void> {
    for (const owner of [...this.#running]) {
      if (this.#running.size <= this.most) return;
      await owner.putAway();
    }
  }
}

const collected = new FinalizationRegistry<Pooled<unknown>>((owner) => void owner.dispose());

export class Pooled<Resource> {
  #latestChange: Promise<unknown> = Promise.resolve();
  #uses = 0;
  #disposed: Promise<void> | null = null;
  #idle: () => void = () => undefined;

  /** @param resource `null`: put away */
  private constructor(
    private readonly pool: Pool,
    private readonly handling: Handling<Resource>,
    private resource: Resource | null,
    private reopen: () => Promise<Resource>,
  ) {}

  static async of<Resource>(pool: Pool, handling: Handling<Resource>, resource: Resource): Promise<Pooled<Resource>> {
    const owner = new Pooled(pool, handling, resource, () => Promise.reject(handling.freed()));
    pool.add(owner as Pooled<unknown>);
    await pool.makeRoom();
    return owner;
  }

  static later<Resource>(pool: Pool, handling: Handling<Resource>, open: () => Promise<Resource>): Pooled<Resource> {
    return new Pooled(pool, handling, null, open);
  }

  /** Frees the resource when `holder` is garbage-collected; nothing here may refer to `holder`. */
  freeWith(holder: object): void {
    collected.register(holder, this as Pooled<unknown>);
  }

  /** Calls a function with the resource, which stays open meanwhile. Throws the `freed` error after `dispose`. */
  async use<T>(work: (resource: Resource) => Promise<T>): Promise<T> {
    if (this.#disposed !== null) throw this.handling.freed();
    this.#uses++;
    const end = beginWork();
    try {
      return await work(await this.#open());
    } finally {
      this.#uses--;
      if (this.#uses === 0) this.#idle();
      await this.pool.makeRoom().finally(end);
    }
  }

  /** Waits until the resource is unused, then frees it. May be called again. */
  dispose(): Promise<void> {
    const unused = new Promise<void>((resolve) => {
      if (this.#uses === 0) resolve();
      else if (this.#disposed === null) this.#idle = resolve;
    });
    this.#disposed ??= unused.then(() => this.#change(() => this.#free()));
    return this.#disposed;
  }

  /** Does nothing while the resource is in use, or if putting it away fails: a limit of the machine may be temporary. */
  async putAway(): Promise<void> {
    if (this.#uses > 0 || this.#disposed !== null) return;
    const putAway = async (): Promise<void> => {
      if (this.resource === null) return;
      this.pool.remove(this as Pooled<unknown>);
      this.reopen = await this.handling.putAway(this.resource);
      this.resource = null;
    };
    await this.#change(putAway).catch(() => undefined);
  }

  /** One change at a time. */
  #change<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#latestChange.then(change);
    this.#latestChange = changed.catch(() => undefined);
    return changed;
  }

  #open(): Promise<Resource> {
    return this.#change(async () => {
      this.resource ??= await this.reopen();
      this.pool.add(this as Pooled<unknown>);
      return this.resource;
    });
  }

  async #free(): Promise<void> {
    this.pool.remove(this as Pooled<unknown>);
    const resource = this.resource;
    this.resource = null;
    if (resource !== null) await this.handling.free(resource);
  }
}
