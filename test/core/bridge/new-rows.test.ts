/** What TorchEasyRec trained from an export predicts on new rows of the user's own columns, by the fitted state in the folder. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  ageFeature,
  comboFeature,
  dateFeature,
  idFeature,
  missingFeature,
  pepnet,
  pooling,
  type Run,
  rawFeature,
  sequenceFeature,
} from "../../../src/index.js";
import { writeSafetensors } from "../train/saved/encoded.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-new-rows-"));
  await writeFile(path.join(folder, "cities.txt"), "rome\noslo\nbern\n");
});
afterAll(() => rm(folder, { recursive: true }));

type Row = Readonly<Record<string, unknown>>;

/** Rows of all columns. New rows also have ids that no training row has, and more missing values. */
function rows(count: number, seed: number, isNew = false): Row[] {
  const source = random(seed);
  const oneOf = <T>(values: readonly T[]): T => values[source.integer(values.length)] as T;
  const some = <T>(value: T): T | null => (source.integer(isNew ? 4 : 12) === 0 ? null : value);
  const words = ["a", "b", "c", ...(isNew ? ["never seen", "z|z"] : [])];
  const ids = isNew ? 70 : 50;
  return Array.from({ length: count }, () => ({
    user: some(source.integer(isNew ? 60 : 40)),
    city: some(oneOf(["rome", "rome", "oslo", "bern", ...(isNew ? ["paris", ""] : [])])),
    tags: some(Array.from({ length: source.integer(4) }, () => oneOf(words)).join("|")),
    plain: `${source.integer(9)}\x1d${source.integer(9)}`,
    words: some(`${oneOf(words)}:0.5|${oneOf(words)}:${1 + source.integer(3)}`),
    price: some(Number((source.uniform() * 100).toFixed(3))),
    place: `${source.uniform()},${source.uniform()}`,
    scene: oneOf(["feed", "search"]),
    at: 1_700_000_000 + source.integer(10_000_000),
    born: 1_600_000_000 + source.integer(90_000_000),
    // Far from any row number: 1,000,000,000 and up, some of them often.
    shop: some(1_000_000_000 + 7 * Math.min(source.integer(ids), source.integer(ids))),
    clicks__item: Array.from({ length: source.integer(5) }, () => source.integer(30)),
    clicks__shop: Array.from({ length: 1 + source.integer(4) }, () => 1_000_000_000 + 7 * source.integer(ids)).join(
      ";",
    ),
    clicks__price: Array.from({ length: source.integer(5) }, () => source.uniform()),
    rating: source.integer(6),
    clk: source.integer(2),
  }));
}
const [train, fresh] = [rows(600, 1), rows(150, 2, true)];

const built = (features: readonly unknown[], more: (model: AnyModel) => AnyModel = (each) => each): AnyModel => {
  const model = (pepnet() as unknown as AnyModel).features(...(features as never[])).labels("clk");
  return more(model).tower("ctr", (t) => t.label("clk").mlp(4).bce().auc()) as AnyModel;
};

/** A config, whose columns are what its mode says. */
const fromText = (feature: string, mode: string, more = "", names = '"user", "shop"'): AnyModel =>
  pepnet.fromConfig(`
data_config { batch_size: 64 dataset_type: ParquetDataset label_fields: "clk" fg_mode: ${mode} }
train_config { sparse_optimizer { adagrad_optimizer { lr: 0.1 } constant_learning_rate {} } dense_optimizer { adam_optimizer { lr: 0.01 } constant_learning_rate {} } num_steps: 3 }
${feature}
model_config { feature_groups { group_name: "all" feature_names: [${names}] group_type: DEEP ${more} }
  pepnet { task_towers { tower_name: "ctr" label_name: "clk" losses { binary_cross_entropy {} } } } }`);

const user = (field: string): string =>
  `feature_configs { id_feature { feature_name: "user" expression: "user:user" embedding_dim: 4 ${field} } }`;
const shop = (field: string): string =>
  `feature_configs { id_feature { feature_name: "shop" expression: "item:shop" embedding_dim: 4 ${field} } }`;
const shops = (field: string): string =>
  `feature_configs { sequence_feature { sequence_name: "clicks" sequence_length: 3 sequence_delim: ";" features { id_feature { feature_name: "shop" expression: "item:shop" embedding_dim: 4 ${field} } } } }`;
const inSequence =
  'sequence_groups { group_name: "s" feature_names: ["shop", "clicks__shop"] } sequence_encoders { simple_attention { input: "s" } }';
const zch = "zch { zch_size: 40 eviction_interval: 5 lfu {} }";
const dynamic = "dynamicemb { max_capacity: 30 frequency_admission_strategy { threshold: 3 } }";

const models: Readonly<Record<string, () => AnyModel>> = {
  "ids as rows": () => built([idFeature("user").buckets(40).embedding(4)]),
  "ids as rows, with a default and a row for others": () =>
    built([idFeature("user").buckets(40).default(7).defaultBucket(3).embedding(4)]),
  "several ids as rows, by the usual separator": () => built([idFeature("plain").buckets(9).multiValue().embedding(4)]),
  "a hash": () => built([idFeature("city").hash(30).embedding(4)]),
  "a hash of several values": () =>
    built([idFeature("tags").hash(30).multiValue("|").embedding(4, { pooling: "mean" })]),
  "weighted ids": () => built([idFeature("words").hash(30).multiValue("|").weighted().embedding(4)]),
  "a vocabulary": () => built([idFeature("city").vocab(["oslo", "rome"]).embedding(4)]),
  "a vocabulary with a default and a row for others": () =>
    built([idFeature("city").vocab(["oslo", "rome", "bern"]).default("oslo").defaultBucket(1).embedding(4)]),
  "a vocabulary of several values": () => built([idFeature("tags").vocab(["a", "c"]).multiValue("|").embedding(4)]),
  "a fitted vocabulary": () => built([idFeature("city").vocab().embedding(4)]),
  "a fitted vocabulary with minCount": () => built([idFeature("shop").vocab({ minCount: 12, most: 20 }).embedding(4)]),
  "a vocabulary in a file of this machine": () =>
    built([idFeature("city").vocabFile(path.join(folder, "cities.txt")).defaultBucket(0).embedding(4)]),
  "a dictionary": () => built([idFeature("city").vocabDict({ rome: 5, oslo: 2 }).embedding(4)]),
  "a cross": () => built([comboFeature("both", ["city", "scene"]).hash(40).embedding(4)]),
  "a fitted cross": () => built([comboFeature("both", ["city", "scene"]).vocab({ minCount: 5 }).embedding(4)]),
  "a shared table": () =>
    built([
      idFeature("home").vocab().embedding(4, { sharedAs: "city" }).expression("user:city"),
      idFeature("town").vocab().embedding(4, { sharedAs: "city" }).expression("item:city"),
    ]),
  "a number with a default": () => built([rawFeature("price").default(5)]),
  "a fitted z-score": () => built([rawFeature("price").zscore()]),
  "a logarithm with a z-score": () => built([rawFeature("price").log1p().zscore().default(0.25)]),
  "a normaliser": () => built([rawFeature("price").normalize({ method: "minmax", min: 3, max: 90 })]),
  boundaries: () => built([rawFeature("price").boundaries([10, 20.5, 70]).embedding(4)]),
  quantiles: () => built([rawFeature("price").quantiles(7).embedding(4)]),
  pieces: () =>
    built([
      rawFeature("price").piecewise(7, 4),
      rawFeature("cost").log1p().zscore().piecewise(5, 3).default(0.5).expression("item:price"),
    ]),
  "numbers and boundaries of several": () =>
    built([
      rawFeature("place").dims(2).multiValue(","),
      rawFeature("spot").dims(2).multiValue(",").boundaries([0.3, 0.6]).embedding(4).expression("item:place"),
    ]),
  "embedded numbers": () =>
    built([rawFeature("price").zscore().autodis(4), rawFeature("cost").zscore().mlp(4).expression("item:price")]),
  "missing values": () => built([rawFeature("price").zscore(), missingFeature("price")]),
  "dates and ages": () =>
    built([
      dateFeature("at", "hour", { unit: "s" }).embedding(4),
      ageFeature("born", { at: "at", unit: "s" }).zscore(),
    ]),
  "named domains": () =>
    built(
      [idFeature("city").vocab().embedding(4), idFeature("scene").vocab(["search", "feed"]).embedding(4)],
      (model) => model.group("domain", ["scene"]).epnet().domains("scene", ["feed", "search"]),
    ),
  sequences: () =>
    built(
      [
        idFeature("city").hash(20).embedding(4),
        sequenceFeature("clicks", {
          of: [
            idFeature("item").vocab().embedding(4),
            rawFeature("price").normalize({ method: "minmax", min: 0, max: 2 }),
          ],
          length: 3,
        }),
      ],
      (model) => model.group("all", ["city"], { sequences: [pooling("clicks")] }),
    ),
  ...Object.fromEntries(
    [
      ["zch", zch],
      ["dynamicemb", dynamic],
    ].flatMap(([name, field]) =>
      ["FG_NONE", "FG_BUCKETIZE", "FG_NORMAL"].flatMap((mode) => [
        [`${name} in columns of ${mode}`, () => fromText(user("num_buckets: 60") + shop(field!), mode)],
        [
          `${name} in sequences of ${mode}`,
          () => fromText(user("num_buckets: 60") + shop(field!) + shops(field!), mode, inSequence),
        ],
      ]),
    ),
  ),
  "zch without a default, beside a hash": () =>
    fromText(user("hash_bucket_size: 20") + shop(`${zch} default_value: ""`), "FG_NORMAL"),
  "columns of rows with defaults": () => {
    const price = 'feature_configs { raw_feature { feature_name: "price" fg_encoded_default_value: "50" } }';
    return fromText(user('num_buckets: 60 fg_encoded_default_value: "7"') + price, "FG_NONE", "", '"user", "price"');
  },
  "columns of values": () =>
    fromText(user('num_buckets: 60 default_value: "7"') + shop("hash_bucket_size: 50"), "FG_BUCKETIZE"),
};

const cpu = { engine: "cpu" } as const;
const columns = async (run: Run, data: string | readonly Row[]) => (await run.predict(data as never)).toColumns();

describe("export, train, import: new rows of", () => {
  it.each(Object.entries(models))("%s", async (name, make) => {
    const model = make();
    const run = await model.fit(train as never, { steps: 3, validation: null, quiet: true, engine: "cpu" });
    const out = path.join(folder, name.replaceAll(/\W/g, "-"));
    await run.model.exportTorchEasyRec(train as never, { folder: out, validation: fresh as never });
    const weights = path.join(out, "weights.safetensors");
    await writeSafetensors(weights, await run.weights());
    const expected = await columns(run, fresh);
    // The rows matter: a look-up that misses would predict one number.
    expect(new Set(Object.values(expected).at(-1) as unknown as number[]).size).toBeGreaterThan(2);
    const own = await pepnet.fromTorchEasyRec({ config: path.join(out, "model.config"), weights }, cpu);
    expect(await columns(own, fresh)).toEqual(expected);
    const encoded = await pepnet.fromTorchEasyRec(out, cpu);
    expect(await columns(encoded, path.join(out, "eval.parquet"))).toEqual(expected);
    expect(encoded.notes.join("\n")).toContain(
      `to read your columns: fromTorchEasyRec({ config: "${path.join(out, "model.config")}"`,
    );
    expect(own.notes.join("\n")).not.toContain("to read your columns");
    // Which id has which row is the run's own, and stays so for those who train or export it further.
    expect(own.spec.features).toEqual(JSON.parse(JSON.stringify(run.spec.features.map(withoutFile))));
    expect(await readFile(path.join(out, "README.md"), "utf8")).toContain('{ config: "model.config"');
    for (const each of [run, own, encoded]) await each.dispose();
  });
});

/** A vocabulary in a file is in the folder's config as a list. */
function withoutFile(feature: Run["spec"]["features"][number]) {
  if (feature.kind !== "id" || feature.encoding.kind !== "vocabFile") return feature;
  return { ...feature, encoding: { kind: "vocabList", values: ["rome", "oslo", "bern"] } };
}
