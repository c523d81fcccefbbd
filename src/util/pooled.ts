/**
 * A pool that keeps only a few resources open. An idle resource is closed when others are needed and reopened at its
 * next use. So any number of owners can exist, and none has to be disposed manually.
 */

/** The use count of one resource. */
export class Uses {
  #count = 0;
  #closed: Promise<void> | null = null;
  #idle: () => void = () => undefined;

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

/** How to open, suspend and free one kind of resource. */
export interface Handling<Resource> {
  /** Frees a resource and returns a function that reopens it. If it throws, the resource stays open. */
  putAway(resource: Resource): Promise<() => Promise<Resource>>;
  free(resource: Resource): Promise<void>;
  /** The error of a use after the resource was freed. */
  freed(): Error;
}

/** Owners of open resources, least recently used first. */
export class Pool {
  readonly #running = new Set<Pooled<unknown>>();
  readonly #most: number;

  /** @param most the maximum number of open resources while none is in use */
  constructor(most: number) {
    this.#most = most;
  }

  /** Marks a resource as open and just used. */
  add(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
    this.#running.add(owner);
  }

  remove(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
  }

  /** Suspends resources until few enough are open. */
  async makeRoom(): Promise<void> {
    for (const owner of [...this.#running]) {
      if (this.#running.size <= this.#most) return;
      await owner.putAway();
    }
  }
}

type State<Resource> =
  | { readonly kind: "put away"; readonly open: () => Promise<Resource> }
  | { readonly kind: "changing"; readonly done: Promise<unknown> }
  | { readonly kind: "running"; readonly resource: Resource };

/** Frees the resources of garbage-collected owners. */
const collected = new FinalizationRegistry<Pooled<unknown>>((owner) => void owner.dispose());

/** The owner of one resource. */
export class Pooled<Resource> {
  readonly #pool: Pool;
  readonly #handling: Handling<Resource>;
  readonly #uses = new Uses();
  #state: State<Resource>;

  private constructor(pool: Pool, handling: Handling<Resource>, state: State<Resource>) {
    this.#pool = pool;
    this.#handling = handling;
    this.#state = state;
  }

  /** Creates an owner of an open resource. */
  static async of<Resource>(pool: Pool, handling: Handling<Resource>, resource: Resource): Promise<Pooled<Resource>> {
    const owner = new Pooled(pool, handling, { kind: "running", resource });
    pool.add(owner as Pooled<unknown>);
    await pool.makeRoom();
    return owner;
  }

  /** Creates an owner of a resource that opens at its first use. */
  static later<Resource>(pool: Pool, handling: Handling<Resource>, open: () => Promise<Resource>): Pooled<Resource> {
    return new Pooled(pool, handling, { kind: "put away", open });
  }

  /** Frees the resource when `holder` is garbage-collected; nothing here may refer to `holder`. */
  freeWith(holder: object): void {
    collected.register(holder, this as Pooled<unknown>);
  }

  /**
   * Calls a function with the resource, which stays open until the function ends. Throws the `freed` error after
   * `dispose`.
   */
  async use<T>(work: (resource: Resource) => Promise<T>): Promise<T> {
    if (this.#uses.closed) throw this.#handling.freed();
    try {
      return await this.#uses.during(async () => work(await this.#open()));
    } finally {
      await this.#pool.makeRoom();
    }
  }

  /** Waits until the resource is unused, then frees it. May be called again. */
  dispose(): Promise<void> {
    return this.#uses.close(() => this.#free());
  }

  /** Suspends the resource unless it is in use. */
  async putAway(): Promise<void> {
    if (this.#uses.any || this.#uses.closed || this.#state.kind !== "running") return;
    const running = this.#state;
    this.#pool.remove(this as Pooled<unknown>);
    const done = this.#handling.putAway(running.resource).then(
      (open) => {
        this.#state = { kind: "put away", open };
      },
      () => {
        this.#state = running;
      },
    );
    this.#state = { kind: "changing", done };
    await done;
  }

  async #open(): Promise<Resource> {
    while (this.#state.kind === "changing") await this.#state.done;
    if (this.#state.kind === "put away") {
      const before = this.#state;
      const opening = before.open();
      // If reopening fails, the next use tries again: a limit of the machine may be temporary.
      const done = opening.then(
        (resource) => {
          this.#state = { kind: "running", resource };
        },
        () => {
          this.#state = before;
        },
      );
      this.#state = { kind: "changing", done };
      await done;
      await opening;
      return this.#open();
    }
    this.#pool.add(this as Pooled<unknown>);
    return this.#state.resource;
  }

  async #free(): Promise<void> {
    while (this.#state.kind === "changing") await this.#state.done;
    this.#pool.remove(this as Pooled<unknown>);
    const state = this.#state;
    this.#state = { kind: "put away", open: () => Promise.reject(this.#handling.freed()) };
    if (state.kind === "running") await this.#handling.free(state.resource);
  }
}
