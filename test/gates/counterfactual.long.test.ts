/** The swap of the domain finds a planted effect, and none where there is none. */
import { describe, expect, it } from "vitest";
import { swapDomain } from "../../src/index.js";
import { train } from "./planted.js";

describe("the truth", () => {
  it.each([
    [true, 17, 20],
    [false, 0, 3],
  ])(
    "planted effect of the domain: %s → the swap's interval leaves out 0 in %i to %i of 20 seeds",
    async (planted, least, most) => {
      let found = 0;
      for (let seed = 1; seed <= 20; seed++) {
        const run = await train(seed, planted);
        const what = await run.counterfactual([swapDomain()]);
        const { low, high } = what.effect("another domain", "ctr")!.auc;
        if (high! < 0 || low! > 0) found++;
        await run.dispose();
      }
      expect(found).toBeGreaterThanOrEqual(least);
      expect(found).toBeLessThanOrEqual(most);
    },
    240_000,
  );
});
