/** Models of a log whose domains differ in the rate of clicks alone. */

import { random } from "../../../src/core/util/random.js";
import { adagrad, adam, dataset, idFeature, pepnet, type Run } from "../../../src/index.js";

export const [users, items, cats] = [300, 200, 10];
export const domains = ["A", "B", "C"];
export const runs: Run[] = [];

/** `nested`: each user is in one domain alone. */
export async function trained(seed: number, nested: boolean): Promise<Run> {
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
