/** What a counterfactual puts in the place of a gate's values: the `probe` program alone is fed it. */
import * as tf from "@tensorflow/tfjs";
import type { Feeds } from "../plan/feeds.js";

/**
 * gate ⊙ keep + given, [rows, units]; the gate itself where the program is not fed an override. `{name}.keep` [units]
 * is 1 where the gate stays, else 0; `{name}.given` [entries, units] holds what stands in (0 where the gate stays), and
 * `override.entries` [rows] which of the entries a row takes.
 * @param name of the gate's output, such as `gate.epnet`
 */
export function overriddenGate(feeds: Feeds, name: string, gate: tf.Tensor2D): tf.Tensor2D {
  if (!feeds.has(`${name}.keep`)) return gate;
  const given = tf.gather(feeds.tensor<tf.Tensor2D>(`${name}.given`), feeds.tensor<tf.Tensor1D>("override.entries"));
  return tf.add(tf.mul(gate, feeds.tensor(`${name}.keep`)), given);
}
