/** The folders of small generated samples in the package. */
import { join } from "node:path";
import { packageRoot } from "../util/files/package-root.js";

/**
 * The folder of a small generated sample in the package: `shop` has `log.parquet`, 12,000 rows of three scenes with two
 * labels; `ml-100k` 5,000 ratings in the format of MovieLens-100K; `production` a model with its rows as TorchEasyRec
 * leaves them. They only show that code runs, and say nothing about people.
 * @example
 * const ratings = await dataset(await movielens100k(sampleFolder("ml-100k")));
 * const run = await pepnet.fromTorchEasyRec(sampleFolder("production"));
 */
export function sampleFolder(name: "shop" | "ml-100k" | "production"): string {
  return join(packageRoot, "data", name);
}
