/** The example of docs/concepts.md: a made-up log whose truth is known, and a PEPNet for it. */
import { type AnyModel, idFeature, pepnet, rawFeature, type TaobaoLog, taobaoLike } from "../../src/index.js";

/** Rows to train on, and to measure on. */
export const trainRows = 60_000;
export const testRows = 60_000;

/** The domains: values of `occupation`, the first one the most frequent. */
export const domains = ["student", "worker", "retired", "other"] as const;

/**
 * A log in which domains differ in which categories, brands and prices they like.
 * @param domainEffect 0: domains differ in nothing
 */
export function exampleLog(domainEffect = 0.5): TaobaoLog {
  return taobaoLike({ rows: trainRows + testRows, seed: 7, domains: domains.length, domainEffect });
}

/** The quickstart's columns, as features of 8 dimensions each. */
function features(domainCount: number) {
  const buckets = (name: string, count: number) => idFeature(name).buckets(count).embedding(8);
  const list = { pooling: "mean" } as const;
  return [
    buckets("user_id", 2_000),
    buckets("cms_segid", 96),
    buckets("cms_group_id", 12),
    buckets("age_level", 7),
    buckets("pvalue_level", 3),
    buckets("shopping_level", 3),
    buckets("occupation", domainCount),
    buckets("new_user_class_level", 4),
    buckets("adgroup_id", 1_500),
    buckets("cate_id", 48),
    buckets("campaign_id", 500),
    buckets("customer", 250),
    buckets("brand", 96),
    idFeature("pid").vocab(["430539_1007", "430548_1007"]).embedding(8),
    idFeature("tag_category_list").buckets(48).multiValue("|").embedding(8, list),
    idFeature("tag_brand_list").hash(1_000).multiValue("|").embedding(8, list),
    rawFeature("price").boundaries([10, 20, 40, 80, 160, 320, 640]).embedding(8),
  ];
}

/** The quickstart notebook's model; with four domains, the example's. */
export function exampleModel(names: readonly string[] = domains): AnyModel {
  return modelOf(features(names.length), ["user_id", "adgroup_id"], names);
}

/** Without user ids: each user is in one domain, so what another domain would do to their embeddings cannot be told. */
export function modelWithoutUsers(): AnyModel {
  const others = features(domains.length).filter(({ name }) => name !== "user_id");
  return modelOf(others, ["age_level", "adgroup_id"], domains);
}

function modelOf(columns: ReturnType<typeof features>, keys: readonly string[], names: readonly string[]): AnyModel {
  const model = (pepnet() as unknown as AnyModel)
    .features(...columns)
    .labels("clk", "buy", "occupation")
    .group("domain", ["occupation"])
    .group("uia", keys)
    .epnet({ gamma: 2 })
    .ppnet({ hidden: [64, 32], gamma: 2 })
    .domains("occupation", names)
    .tower("ctr", (tower) => tower.label("clk").mlp(32, 16).bce().auc())
    .tower("cvr", (tower) => tower.label("buy").mlp(32, 16).bce().auc().taskSpace("clk", { in: 1, out: 0 }));
  return model.train({ epochs: 2, batchSize: 512, seed: 7 });
}
