/** Prepares public data sets: train and test rows as Parquet, and a matching TorchEasyRec config. */
import { writeFile } from "node:fs/promises";
import type { MovielensRecipeOptions, PreparedData, RecipeStep, TaobaoRecipeOptions } from "../../../samples/index.js";
import type { Sheet } from "../../../views/index.js";
import { Result, tables } from "../../output/index.js";
import type { AnyModel } from "../types.js";
import { movielensModel, taobaoModel } from "./models.js";

/** A public data set, ready for training. */
export class PreparedDataset extends Result implements PreparedData {
  readonly name: string;
  readonly folder: string;
  /** The training rows as one Parquet file. */
  readonly train: PreparedData["train"];
  /** The held-out rows as one Parquet file. */
  readonly test: PreparedData["test"];
  readonly steps: readonly RecipeStep[];
  readonly sizes: Readonly<Record<string, number>>;
  readonly domains: readonly string[];
  readonly behaviour: boolean;
  /** The model of the config, for further steps. */
  readonly model: AnyModel;
  /** Path of the TorchEasyRec config, which names the paths of `train` and `test`. */
  readonly config: string;

  /** Use {@link prepareTaobao} or {@link prepareMovielens}. @internal */
  constructor(prepared: PreparedData, model: AnyModel, config: string) {
    super();
    this.name = prepared.name;
    this.folder = prepared.folder;
    this.train = prepared.train;
    this.test = prepared.test;
    this.steps = prepared.steps;
    this.sizes = prepared.sizes;
    this.domains = prepared.domains;
    this.behaviour = prepared.behaviour;
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
  const { taobaoFromFiles } = await import("../../../samples/index.js");
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
  const { movielensFromFiles } = await import("../../../samples/index.js");
  const prepared = await movielensFromFiles(folder, out, options);
  return withConfig(prepared, movielensModel(prepared), out);
}

async function withConfig(prepared: PreparedData, model: AnyModel, out: string): Promise<PreparedDataset> {
  const { configText } = await import("../../../config/index.js");
  const { writePrepared } = await import("../../../samples/index.js");
  const paths = { trainInputPath: prepared.train.path, evalInputPath: prepared.test.path };
  const text = configText(model.spec, paths);
  const path = await writePrepared(out, "pipeline.config", (fresh) => writeFile(fresh, text));
  return new PreparedDataset(prepared, model, path);
}
