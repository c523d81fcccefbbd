/** The places of ids among weights: consecutive numbers, in the order in which the ids first came. */

/** Smaller ids are looked up in an array, which is several times as fast as a map. */
const fewIds = 1 << 17;

export class IdPlaces {
  readonly #ids: number[] = [];
  /** By id below {@link fewIds}: its place plus one; 0: none. */
  #small: Int32Array = new Int32Array(0);
  readonly #large = new Map<number, number>();

  /** @param first the place of the first id */
  constructor(
    readonly first: number,
    ids: Iterable<number> = [],
  ) {
    for (const id of ids) this.add(id);
  }

  get size(): number {
    return this.#ids.length;
  }

  /** In the order of their places. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  /** −1: none. */
  of(id: number): number {
    if (id < 0) return -1;
    if (id >= fewIds) return this.#large.get(id) ?? -1;
    return id < this.#small.length ? this.#small[id]! - 1 : -1;
  }

  add(id: number): void {
    if (this.of(id) >= 0) return;
    const place = this.first + this.#ids.length;
    this.#ids.push(id);
    if (id >= fewIds) {
      this.#large.set(id, place);
      return;
    }
    if (id >= this.#small.length) {
      const grown = new Int32Array(Math.min(fewIds, Math.max(64, 2 * this.#small.length, id + 1)));
      grown.set(this.#small);
      this.#small = grown;
    }
    this.#small[id] = place + 1;
  }
}
