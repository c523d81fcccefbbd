/** Domains that share nothing: how often a map of transfer says that one helps another. About two CPU minutes. */
import { expect, test } from "vitest";
import { random } from "../../../src/core/util/random.js";
import { adam, dataset, idFeature, pepnet } from "../../../src/index.js";

const worlds = 24;

/** A large and a small domain with tastes of their own; a fixed number of epochs. */
async function strangersMap(seed: number) {
  const draw = random(seed).fork("strangers");
  const [items, epochs] = [40 + draw.integer(300), 2 + draw.integer(8)];
  const tastes = [0, 1].map(() => Array.from({ length: items }, () => draw.normal()));
  const log = (source: ReturnType<typeof random>, sizes: readonly number[]) =>
    dataset(
      sizes.flatMap((count, scene) =>
        Array.from({ length: count }, () => {
          const item = source.integer(items);
          const chance = 1 / (1 + Math.exp(0.5 - tastes[scene]![item]!));
          return { item, scene, y: source.uniform() < chance ? 1 : 0 };
        }),
      ),
    );
  const model = pepnet()
    .features(idFeature("item").buckets(items).embedding(8), idFeature("scene").buckets(2).embedding(4))
    .labels("y")
    .group("domain", ["scene"])
    .epnet()
    .domains("scene", ["large", "small"])
    .tower("y", (t) => t.label("y").mlp(16).bce().auc())
    .train({ batchSize: 128, epochs, dense: adam(0.003), sparse: adam(0.003) });
  const train = await log(draw.fork("train"), [6000, 300 + draw.integer(1500)]);
  const validation = await log(draw.fork("validation"), [3000, 3000]);
  return model.transfer(train, { validation, seeds: 4, quiet: true, cache: false });
}

test(`strangers are said to help in at most 5% of maps`, { timeout: 1_800_000 }, async () => {
  const helps: string[] = [];
  for (let seed = 1; seed <= worlds; seed++) {
    const map = await strangersMap(seed);
    for (const { domain, value, says } of map.helps)
      if (says === "helps") helps.push(`${seed}: ${domain} ${value!.toFixed(4)}`);
  }
  expect(helps.length, helps.join("; ")).toBeLessThanOrEqual(2);
});
