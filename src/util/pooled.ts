/** A pool of few open resources: an idle one is closed when others are needed, and reopened at its next use. */

export interface Handling<Resource> {
  /** Frees a resource and returns a function that reopens it. If it throws, the resource stays open. */
  putAway(resource: Resource): Promise<() => Promise<Resource>>;
  free(resource: Resource): Promise<void>;
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

  add(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
    this.#running.add(owner);
  }

  remove(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
  }

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

const collected = new FinalizationRegistry<Pooled<unknown>>((owner) => void owner.dispose());

export class Pooled<Resource> {
  readonly #pool: Pool;
  readonly #handling: Handling<Resource>;
  #state: State<Resource>;
  #uses = 0;
  #disposed: Promise<void> | null = null;
  #idle: () => void = () => undefined;

  private constructor(pool: Pool, handling: Handling<Resource>, state: State<Resource>) {
    this.#pool = pool;
    this.#handling = handling;
    this.#state = state;
  }

  static async of<Resource>(pool: Pool, handling: Handling<Resource>, resource: Resource): Promise<Pooled<Resource>> {
    const owner = new Pooled(pool, handling, { kind: "running", resource });
    pool.add(owner as Pooled<unknown>);
    await pool.makeRoom();
    return owner;
  }

  static later<Resource>(pool: Pool, handling: Handling<Resource>, open: () => Promise<Resource>): Pooled<Resource> {
    return new Pooled(pool, handling, { kind: "put away", open });
  }

  /** Frees the resource when `holder` is garbage-collected; nothing here may refer to `holder`. */
  freeWith(holder: object): void {
    collected.register(holder, this as Pooled<unknown>);
  }

  /** Calls a function with the resource, which stays open meanwhile. Throws the `freed` error after `dispose`. */
  async use<T>(work: (resource: Resource) => Promise<T>): Promise<T> {
    if (this.#disposed !== null) throw this.#handling.freed();
    this.#uses++;
    try {
      return await work(await this.#open());
    } finally {
      this.#uses--;
      if (this.#uses === 0) this.#idle();
      await this.#pool.makeRoom();
    }
  }

  /** Waits until the resource is unused, then frees it. May be called again. */
  dispose(): Promise<void> {
    const unused = new Promise<void>((resolve) => {
      if (this.#uses === 0) resolve();
      else if (this.#disposed === null) this.#idle = resolve;
    });
    this.#disposed ??= unused.then(() => this.#free());
    return this.#disposed;
  }

  async putAway(): Promise<void> {
    if (this.#uses > 0 || this.#disposed !== null || this.#state.kind !== "running") return;
    this.#pool.remove(this as Pooled<unknown>);
    const away = this.#handling.putAway(this.#state.resource);
    await this.#change(away.then((open) => ({ kind: "put away", open })));
  }

  /** Waits for another state. If it fails, the state is as before: a limit of the machine may be temporary. */
  async #change(next: Promise<State<Resource>>): Promise<void> {
    const before = this.#state;
    const done = next.then(
      (state) => {
        this.#state = state;
      },
      () => {
        this.#state = before;
      },
    );
    this.#state = { kind: "changing", done };
    await done;
  }

  async #open(): Promise<Resource> {
    while (this.#state.kind === "changing") await this.#state.done;
    if (this.#state.kind === "put away") {
      const opening = this.#state.open();
      await this.#change(opening.then((resource) => ({ kind: "running", resource })));
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
