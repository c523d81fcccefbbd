/** The measured models, and rows for them. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { specFromConfig } from "../src/core/config/spec-from-config.js";
import { encode } from "../src/core/data/encode/encode.js";
import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import { taobaoLike } from "../src/core/samples/generate/taobao.js";
import type { FeatureSpec } from "../src/core/spec/feature/feature.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { sharedInts } from "../src/core/util/called-thread.js";
import { random } from "../src/core/util/random.js";

/** The project's folder; the compiled bench is in node_modules/.cache/pepnet-bench/bench. */
export const projectFolder: string = path.resolve(__dirname, "..", "..", "..", "..");

/** Data and goldens beside the project, which are not part of it; `PEPNET_SHARED` names another place. */
export const sharedFolder: string = process.env.PEPNET_SHARED ?? path.resolve(projectFolder, "..", "shared");

/** All user and item fields: 14 × 16 = 224 columns. */
const userAndItemFields = [
  "user_id",
  "cms_segid",
  "cms_group_id",
  "age_level",
  "pvalue_level",
  "shopping_level",
  "occupation",
  "new_user_class_level",
  "adgroup_id",
  "cate_id",
  "campaign_id",
  "customer",
  "brand",
  "price",
];

/** Larger vocabularies would only slow down the start; `vocabulary.*` shows that steps do not depend on them. */
const largestVocabulary = 100_000;

/**
 * *sample*: the TorchEasyRec document's own model on Taobao's columns: 17 features × 16, uia = user_id + adgroup_id,
 * PPNet [512, 256], towers [256, 128, 64], 3 domains, no task space.
 */
export function sampleSpec(): ModelSpec {
  const file = path.join(projectFolder, "configs", "pepnet_taobao.config");
  const spec = specFromConfig(readFileSync(file, "utf8"), { path: file });
  return { ...spec, features: spec.features.map((feature) => withRows(feature, largestVocabulary)) };
}

/** *tasks*: the sample with all user and item fields in uia, and purchases in click's task space. */
export function tasksSpec(): ModelSpec {
  const sample = sampleSpec();
  const space = { indicatorLabel: "clk", inWeight: 1, outWeight: 0 };
  return {
    ...sample,
    groups: sample.groups.map((group) => (group.name === "uia" ? { ...group, features: userAndItemFields } : group)),
    towers: sample.towers.map((tower) => (tower.name === "cvr" ? { ...tower, taskSpace: space } : tower)),
  };
}

/** A smaller *sample*, so that ten million rows take two minutes: this measures the data, not the model. */
export function smallSample(): ModelSpec {
  const sample = withBatchSize(sampleSpec(), 8192);
  return {
    ...sample,
    features: sample.features.map((feature) => (feature.kind === "other" ? feature : { ...feature, embeddingDim: 4 })),
    ppnet: { ...sample.ppnet, hidden: [32] },
    towers: sample.towers.map((tower) => ({ ...tower, mlp: tower.mlp && { ...tower.mlp, hidden: [16] } })),
    training: { ...sample.training, batchSize: 8192, epochs: 1, steps: null, shuffle: true },
  };
}

/** A spec with another batch size. */
export function withBatchSize(spec: ModelSpec, batchSize: number): ModelSpec {
  return { ...spec, training: { ...spec.training, batchSize, evalBatchSize: batchSize } };
}

/** *sample* with another number of rows in the table of `user_id`. */
export function withUserRows(spec: ModelSpec, rows: number): ModelSpec {
  const features = spec.features.map(
    (feature): FeatureSpec =>
      feature.name === "user_id" && feature.kind === "id"
        ? { ...feature, encoding: { kind: "buckets", count: rows } }
        : feature,
  );
  return { ...spec, features };
}

/** A generated log in Taobao's columns. The click rate is 28%, or 5% for *tasks*. */
export function logFor(rows: number, clickRate: number) {
  return taobaoLike({ rows, clickRate, seed: 7, users: 20_000, ads: 10_000 });
}

/** Encoded rows for a model. */
export async function rowsFor(spec: ModelSpec, rows: number): Promise<EncodedData> {
  const clickRate = spec.towers.some((tower) => tower.taskSpace !== null) ? 0.05 : 0.28;
  return encode(logFor(rows, clickRate).table, spec);
}

/** The same rows with user ids drawn from the whole vocabulary. */
export function withUserIds(data: EncodedData, vocabulary: number): EncodedData {
  const source = random(5);
  const ids = sharedInts(data.rows);
  for (let row = 0; row < data.rows; row++) ids[row] = source.integer(vocabulary);
  return { ...data, features: new Map([...data.features, ["user_id", { kind: "ids", ids }]]) };
}

function withRows(feature: FeatureSpec, most: number): FeatureSpec {
  if (feature.kind !== "id" || feature.encoding.kind !== "buckets" || feature.encoding.count <= most) return feature;
  return { ...feature, encoding: { kind: "buckets", count: most } };
}
