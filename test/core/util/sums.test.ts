/** Sums and means keep the order of their values, and say what they are of none. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { mean, sum } from "../../../src/core/util/numbers.js";

test("the sum has the bits of adding in order, of lists and of typed arrays", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), (values) => {
      const added = values.reduce((total, value) => total + value, 0);
      expect(sum(values)).toBe(added);
      expect(sum(Float64Array.from(values))).toBe(added);
    }),
  );
});

test("of no values the sum is 0 and the mean is not a number", () => {
  expect(sum([])).toBe(0);
  expect(mean([])).toBeNaN();
  expect(mean([1, 2, 6])).toBe(3);
});
