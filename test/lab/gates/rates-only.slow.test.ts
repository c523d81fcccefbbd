/** Domains that differ in the rate of clicks alone: another domain changes nothing within domains, by no field. */
import { afterAll, describe, expect, it } from "vitest";
import { everyDomain, swapDomain } from "../../../src/index.js";
import { runs, trained } from "./rates-only-runs.js";

afterAll(() => Promise.all(runs.map((run) => run.dispose())));

describe("where domains differ in the rate of clicks alone", () => {
  it("another domain changes nothing within domains, and no field carries it", async () => {
    for (const seed of [1, 2]) {
      const run = await trained(seed, false);
      const changes = [swapDomain(), swapDomain(null, { towers: false }), ...everyDomain(run.spec)];
      const { effects } = await run.counterfactual(null, { user: "user", changes });
      for (const { name, tasks } of effects) {
        expect(Math.abs(tasks[0]!.parts!.within.value!), `${name}, seed ${seed}`).toBeLessThan(0.006);
      }
      expect((await run.importance(null, { of: "domain", user: "user" })).named("t")).toEqual([]);
    }
  });
});
