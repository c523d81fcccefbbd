/**
 * Remembers signatures to reject replayed messages: every message of a client has a unique id, so genuine signatures
 * never repeat. Like ipykernel, but in bounded memory.
 */

/** Size of each of two generations: a message is remembered for at least this number of later messages. */
const generation = 2 ** 16;

/** Hexadecimal digits that fit exactly in a number. The chance of a collision in a session is about 10⁻¹⁰. */
const digits = 13;

/** Remembers signatures. */
export class SeenMessages {
  #recent = new Set<number>();
  #before = new Set<number>();

  /** Whether a signature is new. */
  isNew(signature: string): boolean {
    const key = Number.parseInt(signature.slice(0, digits), 16);
    if (this.#recent.has(key) || this.#before.has(key)) return false;
    this.#recent.add(key);
    if (this.#recent.size >= generation) {
      this.#before = this.#recent;
      this.#recent = new Set();
    }
    return true;
  }
}
