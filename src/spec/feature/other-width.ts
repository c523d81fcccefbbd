/**
 * The width of features that only TorchEasyRec computes.
 */
import type { JsonObject } from "../../util/json.js";

/** Kinds whose values are always ids. */
const ids = ["id_feature", "combo_feature", "bool_mask_feature", "tokenize_feature"];

/** Fields that map the values of an id feature to rows. */
export const encodings: readonly string[] = [
  "hash_bucket_size",
  "num_buckets",
  "vocab_list",
  "vocab_dict",
  "vocab_file",
];

/** Whether an id feature does not say how its values become rows, which only an unused one may leave out. */
export function lacksEncoding(field: string, config: JsonObject): boolean {
  const isId = field === "id_feature" || field === "combo_feature";
  return isId && ![...encodings, "zch", "dynamicemb"].some((name) => name in config);
}

/** Fields that make a feature's values rows of a table, or embed its numbers. */
const embedding = [...encodings, "boundaries", "zch", "dynamicemb", "autodis", "mlp"];

/** The number of columns that TorchEasyRec gives a feature in a group: its embedding dim, or its numbers. */
export function otherWidth(field: string, config: JsonObject): number {
  const isEmbedded = ids.includes(field) || embedding.some((name) => name in config);
  return isEmbedded ? Number(config["embedding_dim"] ?? 0) : Number(config["value_dim"] ?? 0) || 1;
}
