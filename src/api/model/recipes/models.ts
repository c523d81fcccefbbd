/** The models of prepared public data sets, as in their `pipeline.config`. */
import { idFeature, rawFeature } from "../../../builder/index.js";
import type { PreparedData } from "../../../samples/index.js";
import { emptySpec } from "../../../spec/index.js";
import { modelFromSpec } from "../model.js";
import type { AnyModel } from "../types.js";

const dim = 16;
const priceCuts = [
  1.1, 2.2, 3.6, 5.2, 7.39, 9.5, 10.5, 12.9, 17.37, 19, 25.07, 30.4, 39.9, 49, 59.9, 74.2, 95.87, 128, 158.99, 199, 259,
  342, 500.01, 899, 2000,
];

/** The model of `configs/pepnet_taobao.config`; for clicks only if there is no behaviour log. */
export function taobaoModel({ sizes, domains, behaviour }: PreparedData): AnyModel {
  const user = [
    "user_id",
    "cms_segid",
    "cms_group_id",
    "age_level",
    "pvalue_level",
    "shopping_level",
    "occupation",
    "new_user_class_level",
  ];
  const ids = Object.entries(sizes).map(([name, size]) =>
    idFeature(name)
      .expression(`${user.includes(name) ? "user" : "item"}:${name}`)
      .buckets(size)
      .embedding(dim),
  );
  const tags = ["tag_category_list", "tag_brand_list"].map((name) =>
    idFeature(name).expression(`user:${name}`).hash(100_000).multiValue("|").embedding(dim, { pooling: "mean" }),
  );
  const pid = idFeature("pid").expression("context:pid").vocab(["430539_1007", "430548_1007"]).embedding(dim);
  const price = rawFeature("price").expression("item:price").boundaries(priceCuts).embedding(dim);
  const model = modelFromSpec(emptySpec)
    .features(...ids, pid, ...(behaviour ? tags : []), price)
    .labels("clk", ...(behaviour ? ["buy"] : []), "occupation")
    .group("domain", ["occupation"])
    .group("uia", ["user_id", "adgroup_id"])
    .epnet()
    .ppnet({ hidden: [512, 256] })
    .domains("occupation", domains)
    .tower("ctr", (t) => t.label("clk").mlp(256, 128, 64).bce().auc());
  if (!behaviour) return model;
  return model.tower("cvr", (t) =>
    t.label("buy").mlp(256, 128, 64).bce().auc({ thresholds: 1000 }).taskSpace("clk", { in: 1, out: 0 }),
  );
}

/** Clicks (rating > 3) and likes (rating > 4) by age group or era. */
export function movielensModel({ sizes, domains }: PreparedData): AnyModel {
  const domain = "age_domain" in sizes ? "age_domain" : "era_domain";
  const described = domain === "age_domain";
  const ofItem = ["item_id", "release_year", "era_domain"];
  const ids = Object.entries(sizes).map(([name, size]) =>
    idFeature(name)
      .expression(`${ofItem.includes(name) ? "item" : "user"}:${name}`)
      .buckets(size)
      .embedding(dim),
  );
  const words = described && !("occupation" in sizes) ? ["occupation"] : [];
  const genres = idFeature("genres")
    .expression("item:genres")
    .hash(1000)
    .multiValue("|")
    .embedding(dim, { pooling: "mean" });
  return modelFromSpec(emptySpec)
    .features(
      ...ids,
      ...words.map((name) => idFeature(name).expression(`user:${name}`).hash(1000).embedding(dim)),
      genres,
    )
    .labels("click", "like", domain)
    .group("domain", [domain])
    .group("uia", ["user_id", "item_id"])
    .epnet()
    .ppnet({ hidden: [128, 64] })
    .domains(domain, domains)
    .tower("click", (t) => t.label("click").mlp(64, 32).bce().auc())
    .tower("like", (t) => t.label("like").mlp(64, 32).bce().auc());
}
