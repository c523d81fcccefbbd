/**
 * Replaces gate values in a counterfactual; only the `probe` program has these inputs.
 */
import * as tf from "../../tfjs/index.js";
import type { Feeds } from "../plan/feeds.js";

/**
 * gate ⊙ keep + given, [rows, units]; the unchanged gate if the program has no override input. `{name}.keep` [units]
 * is 1 for kept units, else 0; `{name}.given` [entries, units] contains the replacements (0 for kept units), and
 * `override.entries` [rows] the entry of each row.
 * @param name of the gate's output, such as `gate.epnet`
 */
export function overriddenGate(feeds: Feeds, name: string, gate: tf.Tensor2D): tf.Tensor2D {
  if (!feeds.has(`${name}.keep`)) return gate;
  const replacements = tf.gather(
    feeds.tensor<tf.Tensor2D>(`${name}.given`),
    feeds.tensor<tf.Tensor1D>("override.entries"),
  );
  return tf.add(tf.mul(gate, feeds.tensor(`${name}.keep`)), replacements);
}
