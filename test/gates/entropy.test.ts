import { expect, it } from "vitest";
import { binaryEntropy } from "../../src/gates/accumulate.js";

it("is the sum of the logarithms to 1e-9, at the ends as well, and 0 where there is none", () => {
  for (let i = 1; i < 300_000; i++) {
    const p = i / 300_000;
    const error = Math.abs(binaryEntropy(p) + p * Math.log(p) + (1 - p) * Math.log(1 - p));
    if (!(error < 1e-9)) expect(error, `p = ${p}`).toBeLessThan(1e-9);
  }
  expect([0, 1, -0.1, 1.1, Number.NaN].map(binaryEntropy)).toEqual([0, 0, 0, 0, 0]);
  expect(binaryEntropy(1e-9)).toBeCloseTo(2.17e-8, 10);
});
