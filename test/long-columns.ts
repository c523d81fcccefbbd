/** Long columns are compared by Node first: vitest alone takes seconds for a few hundred thousand rows. */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";

const isLong = (value: unknown): boolean =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as ArrayLike<unknown>).length > 50;

// What Node calls equal is so for vitest; about anything else, vitest decides and says what differs.
expect.addEqualityTesters([(a, b) => (isLong(a) && isDeepStrictEqual(a, b) ? true : undefined)]);
