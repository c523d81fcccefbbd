/** Domains that differ in the rate of clicks alone: another domain changes nothing within domains, by no field. */
import { afterAll, describe, expect, it } from "vitest";
import { adagrad, adam, dataset, everyDomain, idFeature, pepnet, type Run, swapDomain } from "../../src/index.js";
import { random } from "../../src/util/random.js";

const [users, items, cats] = [300, 200, 10];
const domains = ["A", "B", "C"];
const runs: Run[] = [];
afterAll(() => Promise.all(runs.map((run) => run.dispose())));

/** `nested`: each user is in one domain alone. */
async function trained(seed: number, nested: boolean): Promise<Run> {
  const source = random(seed).fork("rates");
  const effects = (count: number, size: number) => Array.from({ length: count }, () => size * source.normal());
  const [byUser, byItem, byCat] = [effects(users, 0.7), effects(items, 0.4), effects(cats, 1)];
  const rows = Array.from({ length: 24_000 }, () => {
    const [user, item] = [source.integer(users), source.integer(items)];
    const domain = nested ? user % 3 : source.integer(3);
    const cat = item % cats;
    const logit = -0.5 + byUser[user]! + byItem[item]! + byCat[cat]! + 0.9 * (domain - 1);
    return { user, item, cat, domain, y: source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0 };
  });
  const sizes = { user: users, item: items, cat: cats, domain: 3 };
  const model = pepnet()
    .features(...Object.entries(sizes).map(([name, size]) => idFeature(name).buckets(size).embedding(8)))
    .labels("y")
    .group("domain", ["domain"])
    .group("uia", ["user", "item"])
    .epnet()
    .ppnet({ hidden: [32, 16] })
    .domains("domain", domains)
    .tower("t", (t) => t.label("y").mlp(16).bce())
    .train({ epochs: 2, batchSize: 256, dense: adam(2e-3), sparse: adagrad(0.05) });
  const { train, test } = await (await dataset(rows)).split({ train: 2, test: 1 }, { seed, leaks: null });
  const run = await model.fit(train, { validation: test, seed, threads: 1, quiet: true });
  runs.push(run as Run);
  return run as Run;
}

describe("where domains differ in the rate of clicks alone", () => {
  it("another domain changes nothing within domains, and no field carries it", { timeout: 120_000 }, async () => {
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

  it("and each user is in one of them, what another domain does cannot be told, and the text says so", async () => {
    const run = await trained(1, true);
    const found = await run.counterfactual(null, { user: "user" });
    const nested = Object.fromEntries(found.effects.map((effect) => [effect.name, effect.nested]));
    expect(nested).toMatchObject({ "another domain": "user", "EPNet off": null, "PPNet off": null });
    const said = found.rows().map((row) => [row["change"], row["says"]]);
    for (const [change, says] of said) {
      if (String(change).startsWith("another domain")) expect(says).toMatch(/^cannot be told: most values of user/);
    }
    expect((await found.chart()).title).toMatch(/what another domain does cannot be told/);
    expect((await run.importance(null, { of: "domain", user: "user" })).named("t")).toEqual([]);
  });
});
