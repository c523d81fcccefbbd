/**
 * The signatures that were seen, so that a message which somebody recorded is not executed again: every message of a
 * client has an id of its own, so no two honest ones are alike. As ipykernel does, in bounded memory.
 */

/** Kept twice at the most: a message is known at least until so many others have come. */
const generation = 2 ** 16;

/** Hexadecimal digits that a number holds exactly. Two signatures in a session alike in all of them: one in 10¹⁰. */
const digits = 13;

/** Remembers signatures. */
export class SeenMessages {
  #recent = new Set<number>();
  #before = new Set<number>();

  /** Whether a signature comes for the first time. */
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
