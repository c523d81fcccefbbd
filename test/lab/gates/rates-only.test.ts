/** Domains that differ in the rate of clicks alone: another domain changes nothing within domains, by no field. */
import { afterAll, describe, expect, it } from "vitest";
import { wholeTitle } from "../../whole-title.js";
import { runs, trained } from "./rates-only-runs.js";

afterAll(() => Promise.all(runs.map((run) => run.dispose())));

describe("where domains differ in the rate of clicks alone", () => {
  it("and each user is in one of them, what another domain does cannot be told, and the text says so", async () => {
    const run = await trained(1, true);
    const found = await run.counterfactual(null, { user: "user" });
    const nested = Object.fromEntries(found.effects.map((effect) => [effect.name, effect.nested]));
    expect(nested).toMatchObject({ "another domain": "user", "EPNet off": null, "PPNet off": null });
    const said = found.rows().map((row) => [row["change"], row["says"]]);
    for (const [change, says] of said) {
      if (String(change).startsWith("another domain")) expect(says).toMatch(/^cannot be told: most values of user/);
    }
    expect(wholeTitle(await found.chart())).toMatch(/what another domain does cannot be told/);
    expect((await run.importance(null, { of: "domain", user: "user" })).named("t")).toEqual([]);
  });
});
