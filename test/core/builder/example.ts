/** A small complete model that tests start from. */

import { pepnet } from "../../../src/api/model/model.js";
import type { AnyModel } from "../../../src/api/model/types.js";
import { adagrad, adam, idFeature, rawFeature } from "../../../src/index.js";

/** Two tasks, three domains, both gates. all = 8 + 4 + 8 + 1 = 21 columns, domain = 4, uia = 16. */
export function exampleModel(): AnyModel {
  return pepnet()
    .features(
      idFeature("user_id").buckets(100).embedding(8),
      idFeature("scene").buckets(3).embedding(4),
      idFeature("item_id").hash(50).embedding(8, { pooling: "mean" }),
      rawFeature("price"),
    )
    .labels("clk", "buy")
    .group("domain", ["scene"])
    .group("uia", ["user_id", "item_id"])
    .epnet({ gamma: 2 })
    .ppnet({ hidden: [12, 6], dropout: 0.1 })
    .domains("scene", ["home", "search", "feed"])
    .tower("ctr", (t) => t.label("clk").mlp(10, 5).bce().auc())
    .tower("cvr", (t) => t.label("buy").mlp(10, 5).bce().auc({ thresholds: 1000 }).taskSpace("clk", { in: 1, out: 0 }))
    .train({ epochs: 2, batchSize: 32, seed: 7, dense: adam(1e-3), sparse: adagrad(0.05) });
}
