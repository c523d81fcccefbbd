/**
 * Resources of which a few run at once, each owned from its first moment. One that waits while others are used is put
 * away, and opened again when it is next used; so there may be any number of owners, and none of them has to be freed by
 * hand.
 */
import { Uses } from "./uses.js";

/** What is done with one kind of resource. */
export interface Handling<Resource> {
  /** Frees a resource and returns how to open it again. Throws where that is not possible: then it goes on running. */
  putAway(resource: Resource): Promise<() => Promise<Resource>>;
  free(resource: Resource): Promise<void>;
  /** The error of a use after the resource was freed. */
  freed(): Error;
}

/** Owners whose resources run, the least recently used first. */
export class Pool {
  readonly #running = new Set<Pooled<unknown>>();
  readonly #most: number;

  /** @param most how many may run while nothing uses them */
  constructor(most: number) {
    this.#most = most;
  }

  /** It runs, and was used just now. */
  add(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
    this.#running.add(owner);
  }

  remove(owner: Pooled<unknown>): void {
    this.#running.delete(owner);
  }

  /** Puts resources away until few run. */
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

/** Frees what was owned by objects that were garbage-collected. */
const collected = new FinalizationRegistry<Pooled<unknown>>((owner) => void owner.dispose());

/** Owns one resource. */
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

  /** Owns a resource that runs. */
  static async of<Resource>(pool: Pool, handling: Handling<Resource>, resource: Resource): Promise<Pooled<Resource>> {
    const owner = new Pooled(pool, handling, { kind: "running", resource });
    pool.add(owner as Pooled<unknown>);
    await pool.makeRoom();
    return owner;
  }

  /** Owns a resource that is opened when it is first used. */
  static later<Resource>(pool: Pool, handling: Handling<Resource>, open: () => Promise<Resource>): Pooled<Resource> {
    return new Pooled(pool, handling, { kind: "put away", open });
  }

  /** Frees the resource when `holder`, to which nothing here may refer, is garbage-collected. */
  freeWith(holder: object): void {
    collected.register(holder, this as Pooled<unknown>);
  }

  /** Works with the resource, which runs at least as long. Throws what `freed` says after `dispose`. */
  async use<T>(work: (resource: Resource) => Promise<T>): Promise<T> {
    if (this.#uses.closed) throw this.#handling.freed();
    try {
      return await this.#uses.during(async () => work(await this.#open()));
    } finally {
      await this.#pool.makeRoom();
    }
  }

  /** Waits for what uses the resource, then frees it. May be called again. */
  dispose(): Promise<void> {
    return this.#uses.close(() => this.#free());
  }

  /** Puts the resource away, unless it is in use. */
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
      // One that fails is tried again at the next use: a limit of the machine may be reached now and not then.
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
