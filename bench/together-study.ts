/** `node together-study.js ROOT BATCH DATA`: the CPU and wall time of one study by the built checkout in ROOT, as JSON. */
import path from "node:path";
import type * as Package from "../src/index.js";
import { cost } from "./timing.js";

/** The values of both gammas. */
export const gridOf: readonly number[] = [0.5, 1, 2, 3, 4];

/** The model of notebooks/gamma-ablation.ipynb. */
export function movielensModel(batchSize: number, from: typeof Package = require("../src/index.js")) {
  const { adam, idFeature, movielensDomains, movielensSizes: sizes, pepnet, rowwiseAdagrad } = from;
  return pepnet()
    .features(
      idFeature("user_id").buckets(sizes.user_id!).embedding(8),
      idFeature("item_id").buckets(sizes.item_id!).embedding(8),
      idFeature("age_domain").buckets(sizes.age_domain!).embedding(8),
      idFeature("gender").buckets(sizes.gender!).embedding(8),
      idFeature("occupation").hash(100).embedding(8),
      idFeature("genres").hash(100).multiValue("|").embedding(8, { pooling: "mean" }),
    )
    .labels("click", "like", "age_domain")
    .group("domain", ["age_domain"])
    .group("uia", ["user_id", "item_id"])
    .epnet({ gamma: 2 })
    .ppnet({ hidden: [32, 16], gamma: 2 })
    .domains("age_domain", movielensDomains)
    .tower("click", (t) => t.label("click").mlp(16).bce().auc())
    .tower("like", (t) => t.label("like").mlp(16).bce().auc().taskSpace("click", { in: 1, out: 0 }))
    .train({ epochs: 4, batchSize, dense: adam(5e-4), sparse: rowwiseAdagrad(0.02) });
}

async function main(root: string, batchSize: number, data: string): Promise<void> {
  const from = require(path.join(root, "dist", "index.js")) as typeof Package;
  const ratings = await from.dataset(await from.movielens100k(data));
  const { train, validation } = await ratings.split({ train: 9, validation: 1 }, { by: { time: "timestamp" } });
  const variants = { "epnet.gamma": gridOf, "ppnet.gamma": gridOf };
  const model = movielensModel(batchSize, from);
  const options = { validation, variants, design: "grid", seeds: 1, cache: false, quiet: true } as const;
  console.log(JSON.stringify(await cost(() => model.ablate(train, options))));
  process.exit();
}

if (require.main === module) {
  const [root, batch, data] = process.argv.slice(2) as [string, string, string];
  void main(root, Number(batch), data);
}
