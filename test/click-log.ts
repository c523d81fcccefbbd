/** A small log of clicks, and a model of one task for it. */
import { type Dataset, dataset, idFeature, pepnet, taobaoLike } from "../src/index.js";

export const clickModel = pepnet()
  .features(idFeature("user_id").buckets(2000).embedding(4), idFeature("occupation").buckets(3).embedding(4))
  .labels("clk", "occupation")
  .group("domain", ["occupation"])
  .epnet()
  .domains("occupation", 3)
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc());

export function clickRows(): Promise<Dataset> {
  return dataset(taobaoLike({ rows: 2000, seed: 5 }).table);
}
