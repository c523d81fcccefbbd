/** Prepares public data sets: train and test rows as Parquet, and a matching TorchEasyRec config. */
import { writeFile } from "node:fs/promises";
import { idFeature } from "../../builder/id-feature.js";
import { rawFeature } from "../../builder/raw-feature.js";
import type { MovielensRecipeOptions } from "../../samples/movielens-large.js";
import type { TaobaoRecipeOptions } from "../../samples/taobao.js";
import type { PreparedData, RecipeStep } from "../../samples/workspace.js";
import { emptySpec } from "../../spec/model.js";
import type { Sheet } from "../../views/view.js";
import { type FactsBase, factsBase, tables } from "../result.js";
import { modelFromSpec } from "./model.js";
import type { AnyModel } from "./types.js";

const dim = 16;
const priceCuts = [
  1.1, 2.2, 3.6, 5.2, 7.39, 9.5, 10.5, 12.9, 17.37, 19, 25.07, 30.4, 39.9, 49, 59.9, 74.2, 95.87, 128, 158.99, 199, 259,
  342, 500.01, 899, 2000,
];

/** The model of `configs/pepnet_taobao.config`; for clicks only if there is no behaviour log. */
function taobaoModel({ sizes, domains, behaviour }: PreparedData): AnyModel {
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
function movielensModel({ sizes, domains }: PreparedData): AnyModel {
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

const PreparedFacts: FactsBase<PreparedData> = factsBase();

/** A public data set, ready for training. Made by {@link prepareTaobao} or {@link prepareMovielens}. */
export class PreparedDataset extends PreparedFacts {
  /** The model of the config, for further steps. */
  readonly model: AnyModel;
  /** Path of the TorchEasyRec config, which names the paths of `train` and `test`. */
  readonly config: string;

  /** @internal */
  constructor(prepared: PreparedData, model: AnyModel, config: string) {
    super(prepared);
    this.model = model;
    this.config = config;
  }

  /** One row per step of the preparation. @internal */
  sheet(): Sheet {
    return tables().makeSheet<RecipeStep>(
      `${this.name}: ${this.train.path}, ${this.test.path}, ${this.config}`,
      [
        { key: "step", heading: "step", kind: "text", value: ({ what }) => what },
        { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows },
        { key: "note", heading: "note", kind: "text", value: ({ why }) => why },
      ],
      this.steps,
    );
  }
}

/**
 * Prepares Taobao's display advertising logs (download them from tianchi.aliyun.com/dataset/56) as `train.parquet`,
 * `test.parquet` and `pipeline.config` in `out`: the last day is the test set, as published; purchases and tags come
 * from behavior_log.csv, if present. Throws a DataError if files are missing or changed.
 *
 * @example
 * const taobao = await prepareTaobao("taobao", "data/taobao", { users: 0.05 });  // 5% of the users, for a laptop
 * const run = await taobao.model.fit(taobao.train.path, { validation: taobao.test.path });
 */
export async function prepareTaobao(
  folder: string,
  out: string,
  options: TaobaoRecipeOptions = {},
): Promise<PreparedDataset> {
  const { taobaoFromFiles } = await import("../../samples/taobao.js");
  const prepared = await taobaoFromFiles(folder, out, options);
  return withConfig(prepared, taobaoModel(prepared), out);
}

/**
 * Prepares MovieLens 100K, 1M or 20M (download it from grouplens.org/datasets/movielens; recognised by its files) as
 * `train.parquet`, `test.parquet` (the newest 10%) and `pipeline.config` in `out`. Throws a DataError if files are
 * missing or changed.
 *
 * @example
 * const movies = await prepareMovielens("ml-1m", "data/ml-1m");
 */
export async function prepareMovielens(
  folder: string,
  out: string,
  options: MovielensRecipeOptions = {},
): Promise<PreparedDataset> {
  const { movielensFromFiles } = await import("../../samples/movielens-large.js");
  const prepared = await movielensFromFiles(folder, out, options);
  return withConfig(prepared, movielensModel(prepared), out);
}

async function withConfig(prepared: PreparedData, model: AnyModel, out: string): Promise<PreparedDataset> {
  const { configText } = await import("../../config/config-from-spec.js");
  const { writePrepared } = await import("../../samples/workspace.js");
  const paths = { trainInputPath: prepared.train.path, evalInputPath: prepared.test.path };
  const text = configText(model.spec, paths);
  const path = await writePrepared(out, "pipeline.config", (fresh) => writeFile(fresh, text));
  return new PreparedDataset(prepared, model, path);
}
