import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesGlob } from "../../src/kernel/process/kernel.js";

it("a pattern of the history matches as a regular expression of it does, and ends at once", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (glob, source) => {
      const same = new RegExp(`^${glob.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`).test(source);
      expect(matchesGlob(glob, source)).toBe(same);
    }),
  );
  expect(matchesGlob(`${"a*".repeat(50)}b`, "a".repeat(10_000))).toBe(false);
});
