/**
 * MMoE (Ma et al., KDD 2018): hidden layers that all tasks share, several times, mixed by a softmax per task. A baseline
 * for PEPNet, in the place of PPNet's layers.
 */
import * as tf from "../tfjs/index.js";
import { activate } from "./layers/activations.js";
import { linear } from "./layers/linear.js";
import type { Feeds } from "./plan/feeds.js";
import { expertLayerName, expertMixName } from "./plan/names.js";
import type { Plan, TaskPlan } from "./plan/plan.js";

/** The output of each expert, [rows, units]. */
export function experts(feeds: Feeds, plan: Plan, main: tf.Tensor2D): tf.Tensor2D[] {
  const { activation } = plan.ppnet!;
  return Array.from({ length: plan.experts }, (_, expert) =>
    plan.tasks[0]!.ppnet.reduce(
      (hidden, __, layer) => activate(linear(feeds, expertLayerName(expert, layer), hidden), activation) as tf.Tensor2D,
      main,
    ),
  );
}

/** The experts' mean, weighted by the task's softmax over them, [rows, units]. */
export function mixture(feeds: Feeds, task: TaskPlan, main: tf.Tensor2D, outputs: readonly tf.Tensor2D[]): tf.Tensor2D {
  if (outputs.length === 1) return outputs[0]!;
  const shares = tf.softmax(linear(feeds, expertMixName(task.index), main));
  // Copied: the tape keeps split's array.
  const columns = [...tf.split(shares, outputs.length, 1)];
  const parts = outputs.map((output, expert): tf.Tensor2D => tf.mul(output, columns[expert]!));
  return parts.reduce((sum, part) => tf.add(sum, part));
}
