/** The features of groups in an exported graph: inputs, and one vector per row. */
import type { FeatureSpec } from "../../spec/index.js";
import { tableName } from "../../spec/index.js";
import type { FeatureEncoder } from "../format/encoder-types.js";
import { servedPorts } from "../format/ports.js";
import { inner, type Parts } from "./parts.js";
import type { Vectors } from "./vectors.js";

/** Declares the inputs of a feature. */
export function addInputs(parts: Parts, encoder: FeatureEncoder): void {
  for (const { name, type, shape } of servedPorts(encoder)) {
    const dims = shape.map((dim) => (dim === "rows" || typeof dim === "number" ? dim : `${encoder.name}.${dim}`));
    parts.inputs.push({ name, type, shape: dims });
  }
}

/** A feature's vector in a group, [rows, width]: its numbers, or its ids' rows of the table, weighted and pooled. */
export function groupVector(vectors: Vectors, encoder: FeatureEncoder, feature: FeatureSpec): string {
  const { name } = encoder;
  if (encoder.kind === "values") return name;
  const prefix = `${inner}${name}`;
  const look = { ids: name, table: tableName(feature)!, prefix };
  if (encoder.kind === "ids") return vectors.pooled(look, 1, encoder.pooling, encoder.weights);
  return vectors.pooled({ ...look, ids: allIds(vectors.parts, name, prefix) }, 1, encoder.pooling);
}

/** The ids of a sequence side by side: in a group it is a bag. */
function allIds(parts: Parts, name: string, prefix: string): string {
  const shape = parts.integers(`${prefix}.flat`, [2], [0, -1]);
  return parts.node(`${prefix}.all`, "Reshape", [name, shape]);
}
