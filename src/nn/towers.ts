/** Task towers: an MLP and a last linear layer per task and domain (TorchEasyRec `TaskTower`). */
import * as tf from "../tfjs/index.js";
import { activate } from "./layers/activations.js";
import { dropout } from "./layers/dropout.js";
import { linear } from "./layers/linear.js";
import { batchNorm, layerNorm } from "./layers/norm.js";
import type { Feeds } from "./plan/feeds.js";
import { perceptronName, towerName } from "./plan/names.js";
import type { Plan, TaskPlan } from "./plan/plan.js";

/**
 * Logits [rows, numClass] of each row's domain, rows sorted by domain.
 * @param hidden the towers' input, [rows, dim]
 * @param sizes name of the row counts by domain
 */
export function towers(
  feeds: Feeds,
  plan: Plan,
  task: TaskPlan,
  hidden: tf.Tensor2D,
  sizes: string,
  training: boolean,
): tf.Tensor2D {
  const dropped = dropoutMasks(feeds, task);
  if (plan.towers === 1) return tower(feeds, plan, task, 0, hidden, dropped, training);
  const counts = feeds.sizes(sizes);
  if (task.everyRow) {
    const all = counts.map((_, domain) => tower(feeds, plan, task, domain, hidden, dropped, training));
    return joinParts(all.map((logits, domain) => splitRows(logits, counts)[domain] ?? null));
  }
  const parts = splitRows(hidden, counts);
  const masks = dropped.map((name) =>
    name === null ? null : splitRows(feeds.tensor<tf.Tensor2D>(`${name}.mask`), counts),
  );
  return joinParts(
    parts.map((part, domain) => {
      if (part === null) return null;
      const domainMasks = masks.map((mask) => mask?.[domain] ?? null);
      return tower(feeds, plan, task, domain, part, dropped, training, domainMasks);
    }),
  );
}

/** Logits [rows, numClass] of one domain's tower, for all rows of `input`. */
export function tower(
  feeds: Feeds,
  plan: Plan,
  task: TaskPlan,
  domain: number,
  input: tf.Tensor2D,
  dropped: readonly (string | null)[],
  training: boolean,
  ownMasks: readonly (tf.Tensor2D | null)[] = [],
): tf.Tensor2D {
  const name = towerName(plan, task.index, domain);
  let hidden = input;
  for (let j = 0; j < task.mlp.length; j++) {
    const layer = perceptronName(name, j);
    hidden = linear(feeds, `${layer}.0`, hidden);
    if (task.tower.mlp?.batchNorm === true) hidden = batchNorm(feeds, `${layer}.1`, hidden, training);
    if (task.tower.mlp?.layerNorm === true) hidden = layerNorm(feeds, `${layer}.1`, hidden);
    hidden = activate(hidden, task.activation) as tf.Tensor2D;
    const drop = dropped[j];
    if (drop != null) hidden = dropout(feeds, drop, hidden, ownMasks[j]);
  }
  return linear(feeds, `${name}.linear`, hidden);
}

/** Names of the dropout inputs by layer, `null` for a layer without dropout. */
function dropoutMasks(feeds: Feeds, task: TaskPlan): (string | null)[] {
  return task.mlp.map((_, j) => {
    const name = `tower.${task.index}.${j}`;
    return feeds.has(`${name}.mask`) ? name : null;
  });
}

/** Parts by domain; `null` for a domain without rows. */
function splitRows(x: tf.Tensor2D, counts: readonly number[]): (tf.Tensor2D | null)[] {
  const present = counts.filter((count) => count > 0);
  // Copied: the tape keeps split's array.
  const parts = present.length === 1 ? [x] : [...tf.split(x, present, 0)];
  return counts.map((count) => (count > 0 ? (parts.shift() as tf.Tensor2D) : null));
}

function joinParts(parts: readonly (tf.Tensor2D | null)[]): tf.Tensor2D {
  const present = parts.filter((part) => part !== null);
  return present.length === 1 ? present[0]! : tf.concat(present, 0);
}
