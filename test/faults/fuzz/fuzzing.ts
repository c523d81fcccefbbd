/** What the fuzz tests share: damaged bytes and text, and what must hold of whatever is made of them. */
import fc from "fast-check";
import { expect } from "vitest";
import { PepnetError } from "../../../src/core/errors/index.js";

/** Cases of a property: thousands in all in an ordinary run, twenty times as many in `npm run test:long`. */
export function cases(count: number, seed: number): { numRuns: number; seed: number } {
  return { numRuns: process.env["PEPNET_LONG"] ? 20 * count : count, seed };
}

interface Edit {
  /** Where, as a part of the length. */
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

const edit = (insert: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Edit> =>
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 2000 })),
    insert,
  });

/** The bytes with a few places cut, changed or filled; `words` are put in as well. */
export function damaged(whole: Uint8Array, words: readonly string[] = []): fc.Arbitrary<Uint8Array> {
  const bytes = fc.uint8Array({ maxLength: 8 });
  const insert =
    words.length === 0 ? bytes : fc.oneof(bytes, fc.constantFrom(...words.map((word) => Buffer.from(word))));
  return fc.array(edit(insert), { minLength: 1, maxLength: 4 }).map((edits) =>
    edits.reduce<Uint8Array>((now, { at, remove, insert: fill }) => {
      const start = Math.floor(at * now.length);
      return Buffer.concat([now.subarray(0, start), fill, now.subarray(start + remove)]);
    }, whole),
  );
}

/** The same of text. */
export function damagedText(whole: string, words: readonly string[]): fc.Arbitrary<string> {
  return damaged(Buffer.from(whole), words).map((bytes) => Buffer.from(bytes).toString("utf8"));
}

/** Names that reach an object's prototype where a parser is careless. */
export const prototypeNames = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"] as const;

const untouched = Object.getOwnPropertyNames(Object.prototype).join();

/**
 * The work ends in a result or in an error of the library's own that names a place, and leaves every object's prototype
 * as it was. Gives the result, `null` where there is none.
 */
export async function endsWell<T>(work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PepnetError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { path, message } of error.problems) {
      expect(path).not.toBe("");
      expect(message).not.toBe("");
    }
    return null;
  } finally {
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(untouched);
  }
}
