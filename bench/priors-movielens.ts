/** `priors-movielens`: what priors are worth on MovieLens-100K at each delay, as docs/priors.md shows. */
import { existsSync } from "node:fs";
import path from "node:path";
import { aucFloors } from "../src/core/train/floor.js";
import { fitLogisticRegression } from "../src/core/train/logistic-regression.js";
import { mean } from "../src/core/util/numbers.js";
import {
  type Dataset,
  dataset,
  idFeature,
  movielens100k,
  movielensDomains,
  pepnet,
  rawFeature,
  movielensSizes as sizes,
} from "../src/index.js";
import type { Measurement } from "./figure.js";
import { sharedFolder } from "./models.js";

const folder = path.join(sharedFolder, "data", "ml-100k");
const dim = 8;
const seeds = [1, 2, 3];
const by = ["user_id", "item_id", ["user_id", "genre"], ["item_id", "age_domain"], ["item_id", "gender"]] as const;
const keys = by.map((key) => (typeof key === "string" ? key : key.join("_")));

/** The ids of a rating, and priors by five keys if `isPrior`. */
function model(isPrior: boolean) {
  const priors = keys.flatMap((key) => [
    rawFeature(`${key}_click_n`).log1p().zscore(),
    rawFeature(`${key}_click_rate`).zscore(),
    rawFeature(`${key}_click_age`).log1p().zscore(),
  ]);
  return pepnet()
    .features(
      idFeature("user_id").buckets(sizes.user_id!).embedding(dim),
      idFeature("item_id").buckets(sizes.item_id!).embedding(dim),
      idFeature("gender").buckets(sizes.gender!).embedding(dim),
      idFeature("occupation").hash(100).embedding(dim),
      idFeature("genre").hash(100).embedding(dim),
      idFeature("age_domain").buckets(sizes.age_domain!).embedding(dim),
      ...(isPrior ? priors : []),
    )
    .labels("click", "age_domain")
    .group("domain", ["age_domain"])
    .group("uia", ["user_id", "item_id"])
    .epnet()
    .ppnet({ hidden: [64, 32] })
    .domains("age_domain", movielensDomains)
    .tower("click", (t) => t.label("click").mlp(16).bce().auc())
    .train({ epochs: 12, batchSize: 1024 });
}

interface Parts {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Test AUC of a logistic regression and, as the mean of seeds, of PEPNet, on the same columns. */
async function aucs({ train, test }: Parts, isPrior: boolean): Promise<readonly [logistic: number, pepnet: number]> {
  const runs = [];
  for (const seed of seeds) {
    runs.push(await model(isPrior).fit(train, { seed, earlyStopping: { patience: 2 }, quiet: true }));
  }
  const evaluated = [];
  for (const run of runs) evaluated.push((await run.evaluate(test)).auc("click")!);
  const { spec } = runs[0]!.model;
  const regression = await fitLogisticRegression(spec, await train.encode(spec));
  const floor = (await aucFloors(spec, regression!, await test.encode(spec))).get("click")!;
  return [floor.overall!, mean(evaluated)];
}

/** `priors-movielens`. */
export const priorsMovielensMeasurement: Measurement = {
  name: "priors-movielens",
  onlyByName: true,
  async run(report) {
    if (!existsSync(folder)) return console.error(`priors-movielens: skipped, there is no ${folder}`);
    const columns = await (await dataset(await movielens100k(folder))).toColumns();
    const genre = Array.from(columns["genres"] as ArrayLike<string>, (genres) => genres.split("|")[0]!);
    const roles = { user: "user_id", item: "item_id", time: "timestamp" };
    const data = (await dataset({ ...columns, genre } as never, roles)) as Dataset;
    const split = (log: Dataset): Promise<Parts> => log.split({ train: 8, test: 2 });
    const bare = await split(data);
    const frozen = await bare.train.priors(["click"], { by, delay: "0s" });
    const cases: Readonly<Record<string, () => Promise<Parts>>> = {
      "at once": async () => split(await data.priors(["click"], { by, delay: "0s" })),
      "after an hour": async () => split(await data.priors(["click"], { by, delay: "1h" })),
      "after a day": async () => split(await data.priors(["click"], { by, delay: "1d" })),
      "where training ends": async () => ({
        train: frozen,
        test: await bare.test.withPriors(await frozen.priorsState()),
      }),
    };
    const lines: string[] = [];
    const add = async (name: string, parts: Parts, isPrior: boolean): Promise<void> => {
      const [logistic, network] = await aucs(parts, isPrior);
      const place = name.replaceAll(" ", "-");
      report(`priors-movielens.${place}.logistic-regression.auc`, logistic, "ratio");
      report(`priors-movielens.${place}.pepnet.auc`, network, "ratio");
      lines.push(`| ${name} | ${logistic.toFixed(3)} | ${network.toFixed(3)} |`);
    };
    await add("no priors", bare, false);
    for (const [name, parts] of Object.entries(cases)) await add(name, await parts(), true);
    console.error(lines.join("\n"));
  },
};
