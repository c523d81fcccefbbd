/** Small logs of several days, and models for them. */
import {
  adam,
  type Dataset,
  type DriftingOptions,
  dataset,
  driftingLog,
  idFeature,
  pepnet,
} from "../../../src/index.js";

/** Learns the taste of each domain for each item. */
export function tasteModelOf<N extends string>(domains: readonly N[]) {
  return pepnet()
    .features(idFeature("item_id").buckets(60).embedding(8), idFeature("scene").buckets(domains.length).embedding(4))
    .labels("clk")
    .group("all", ["item_id", "scene"])
    .group("domain", ["scene"])
    .group("uia", ["item_id"])
    .epnet()
    .ppnet({ hidden: [16] })
    .domains("scene", domains)
    .tower("ctr", (t) => t.label("clk").mlp(16).bce())
    .train({ batchSize: 128, epochs: 1, dense: adam(0.005), sparse: adam(0.01) });
}

export const tasteModel = tasteModelOf(["feed", "live"]);

export function dayLog(options: DriftingOptions): Promise<Dataset> {
  return dataset(driftingLog(options).table, { user: "user_id", item: "item_id", time: "ts" });
}
