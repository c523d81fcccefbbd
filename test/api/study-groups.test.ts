/** Groups of a study's variants: how many lanes they keep busy, and the memory that they need. */
import { expect, test } from "vitest";
import { evenSize } from "../../src/api/study/ablate.js";

test.each([
  ["a lane takes groups as large as they may be", 1, 25, 1, 9],
  ["two lanes share the variants of a seed", 2, 9, 1, 5],
  ["two lanes have equal numbers of groups", 2, 25, 1, 7],
  ["many seeds keep the lanes busy by themselves", 2, 25, 8, 9],
  ["with a lane for each variant, none waits for company", 16, 5, 1, 1],
])("%s", (_, lanes, variants, seeds, size) => {
  expect(evenSize(9, lanes, { variants, seeds })).toBe(size);
});

test("memory for less than one engine leaves each alone", () => {
  expect(evenSize(0, 2, { variants: 9, seeds: 3 })).toBe(1);
});
