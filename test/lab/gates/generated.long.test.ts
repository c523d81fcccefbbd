/** The truth on the library's own generated log, twenty times; without user ids, since each user is in one domain. */
import { expect, it } from "vitest";
import type { DomainEffects } from "../../../src/core/samples/generate/settings.js";
import { idFeature, pepnet, rawFeature, taobaoLike } from "../../../src/index.js";

const model = pepnet()
  .features(
    idFeature("age_level").buckets(7).embedding(8),
    idFeature("occupation").buckets(3).embedding(8),
    idFeature("adgroup_id").buckets(1500).embedding(8),
    idFeature("cate_id").buckets(48).embedding(8),
    idFeature("brand").buckets(96).embedding(8),
    idFeature("pid").vocab(["430539_1007", "430548_1007"]).embedding(8),
    rawFeature("price").boundaries([10, 20, 40, 80, 160, 320, 640]).embedding(8),
  )
  .labels("clk", "occupation")
  .group("domain", ["occupation"])
  .group("uia", ["age_level", "adgroup_id"])
  .epnet()
  .ppnet({ hidden: [32] })
  .domains("occupation", 3)
  .tower("ctr", (t) => t.label("clk").mlp(16).bce().auc());

/** Every field but the domain's, by itself. */
const singles = model.spec.features.flatMap(({ name }) => (name === "occupation" ? [] : [[name]]));

it.each<[string, DomainEffects, string | undefined]>([
  ["which categories are liked: cate_id", { category: 1.5 }, "cate_id"],
  ["whether the price attracts: price", { price: 1.5 }, "price"],
  ["nothing: none", {}, undefined],
])(
  "domains that differ in %s is named first, in at least 17 of 20 seeds",
  async (_, domainEffect, field) => {
    let right = 0;
    let swaps = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const log = taobaoLike({ rows: 40_000, seed, tasks: 1, domainEffect });
      const run = await model.train({ batchSize: 512, epochs: 2, seed }).fit(log.table, { quiet: true });
      const found = await run.importance(null, { of: "domain", groups: singles });
      const { low, high } = found.whole[0]!.overall.auc;
      if (field === undefined ? low! <= 0 && high! >= 0 : high! < 0) swaps++;
      if (found.named("ctr")[0] === field) right++;
      await run.dispose();
    }
    expect(swaps).toBeGreaterThanOrEqual(17);
    expect(right).toBeGreaterThanOrEqual(17);
  },
  900_000,
);
