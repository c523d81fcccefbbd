/**
 * Converts `autodis` and `mlp`, the learned embeddings of numbers, to a spec and back.
 */
import type { NumberProjection } from "../../spec/index.js";
import { compact, type Fields, type Writable } from "./fields.js";

/** Consumes the learned embedding of a feature that is not split into buckets; `undefined`: none. */
export function readProjection(fields: Fields): NumberProjection | undefined {
  switch (fields.which(["autodis", "mlp"])) {
    case "autodis": {
      const autodis = fields.child("autodis");
      return {
        kind: "autodis",
        channels: autodis.number("num_channels"),
        temperature: autodis.number("temperature"),
        keepProb: autodis.number("keep_prob"),
      };
    }
    case "mlp":
      fields.take("mlp");
      return { kind: "mlp" };
    default:
      return undefined;
  }
}

/** Returns the fields of a learned embedding. */
export function writeProjection(projection: NumberProjection | undefined): Writable {
  if (projection === undefined) return {};
  if (projection.kind === "mlp") return { mlp: {} };
  const { channels, temperature, keepProb } = projection;
  return {
    autodis: compact("AutoDisEmbedding", { num_channels: channels, temperature, keep_prob: keepProb }),
  };
}
