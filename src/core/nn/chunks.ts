/**
 * Towers of many domains in chunks: rows of one domain, padded to a fixed number, and one product for all chunks. With
 * a product for each domain, the time that onnxruntime needs to open the graph would grow with the square of the number
 * of domains.
 */
import * as tf from "../tfjs/index.js";
import { sum } from "../util/numbers.js";
import { activateWithoutWeights, dropout, normalUnits, withGradient } from "./layers.js";
import { parameterCount, partsOfTower } from "./plan/parameters.js";
import { type Feeds, perceptronName, type TaskPlan, towerActivationName, towersName } from "./plan/plan.js";

/** [chunks, rows of a chunk, units] */
type Chunks = tf.Tensor3D;

/** A tower's parameters, by their names within it: [chunks, …shape], or [chunks, 1, …shape] of vectors. */
type Weights = ReadonlyMap<string, tf.Tensor3D>;

/** Logits [rows, numClass] of each row's domain, rows sorted by domain. @param chunks prefix of the branch's chunks */
export function chunkedTowers(feeds: Feeds, task: TaskPlan, input: tf.Tensor2D, chunks: string): tf.Tensor2D {
  const weights = towerWeights(feeds, task, chunks);
  let hidden = toChunks(feeds, chunks, input);
  for (let j = 0; j < task.mlp.length; j++) {
    const layer = perceptronName("tower", j);
    hidden = linear(weights, `${layer}.0`, hidden);
    if (task.tower.mlp?.layerNorm === true) hidden = layerNorm(weights, `${layer}.1`, hidden);
    hidden = activate(task, weights, towerActivationName(layer, task), hidden);
    const site = `tower.${task.index}.${j}`;
    if (!feeds.has(`${site}.mask`)) continue;
    const mask = tf.cast(feeds.tensor(`${site}.mask`), "float32");
    hidden = dropout(feeds, site, hidden, tf.gather(mask, feeds.tensor<tf.Tensor2D>(`${chunks}.rows`)));
  }
  return fromChunks(feeds, chunks, linear(weights, "tower.linear", hidden));
}

/** The rows of each chunk; at unused places, rows that its gradient leaves out. */
function toChunks(feeds: Feeds, chunks: string, x: tf.Tensor2D): Chunks {
  const rows = feeds.tensor<tf.Tensor2D>(`${chunks}.rows`);
  const places = feeds.tensor<tf.Tensor1D>(`${chunks}.places`);
  return withGradient<Chunks>(
    [x],
    (all) => [tf.gather(all!, rows)],
    (delta) => [tf.gather(asRows(delta as tf.Tensor), places)],
  );
}

function fromChunks(feeds: Feeds, chunks: string, x: Chunks): tf.Tensor2D {
  const rows = feeds.tensor<tf.Tensor2D>(`${chunks}.rows`);
  const places = feeds.tensor<tf.Tensor1D>(`${chunks}.places`);
  const inside = feeds.tensor<tf.Tensor3D>(`${chunks}.inside`);
  return withGradient(
    [x],
    (all) => [tf.gather(asRows(all as tf.Tensor), places)],
    (delta) => [tf.mul(tf.gather(delta, rows), inside)],
  );
}

/** [chunks, rows, units] → [chunks · rows, units] */
function asRows(x: tf.Tensor): tf.Tensor2D {
  const [chunks, rows, units] = x.shape as [number, number, number];
  return tf.reshape(x, [chunks * rows, units]);
}

/** The weights of each chunk's tower. A domain's gradient is the sum over its chunks. */
function towerWeights(feeds: Feeds, task: TaskPlan, chunks: string): Weights {
  const domain = feeds.tensor<tf.Tensor1D>(`${chunks}.domain`);
  const { towers } = feeds.plan;
  const ofChunks = withGradient(
    [feeds.tensor(towersName(task.index))],
    (all) => [tf.gather(all!, domain)],
    (delta) => [tf.unsortedSegmentSum(delta, domain, towers)],
  );
  const parts = partsOfTower(task);
  const sizes = parts.map((part) => parameterCount([part]));
  // The array is copied, since the tape keeps split's array.
  const columns = [...tf.split(ofChunks, sizes, 1)];
  const count = domain.shape[0];
  return new Map(
    parts.map(({ name, shape }, place) => {
      const [rows, units] = shape.length === 2 ? (shape as [number, number]) : [1, sum(shape)];
      return [name, tf.reshape(columns[place]!, [count, rows, units])];
    }),
  );
}

/** x · Wᵀ (+ b) in each chunk. */
function linear(weights: Weights, name: string, x: Chunks): Chunks {
  const [weight, bias] = [weights.get(`${name}.weight`)!, weights.get(`${name}.bias`)];
  const product = tf.matMul(x, weight, false, true) as Chunks;
  return bias === undefined ? product : plus(product, bias);
}

/** Layer norm over units with PyTorch's formula. */
function layerNorm(weights: Weights, name: string, x: Chunks): Chunks {
  return plus(times(normalUnits(x) as Chunks, weights.get(`${name}.weight`)!), weights.get(`${name}.bias`)!);
}

function activate({ activation: { name, options } }: TaskPlan, weights: Weights, layer: string, x: Chunks): Chunks {
  if (name === "Dice") throw new Error("the statistics of Dice are of all rows");
  if (name !== "PReLU") return activateWithoutWeights(x, name, options) as Chunks;
  return tf.sub(tf.relu(x), times(tf.relu(tf.neg(x)), weights.get(`${layer}.weight`)!));
}

/** x + b, where b is [chunks, 1, units]. */
function plus(x: Chunks, b: tf.Tensor3D): Chunks {
  return withGradient<Chunks>(
    [x, b],
    (all, more) => [tf.add(all!, more!)],
    (delta) => [delta, sumOfRows(delta)],
  );
}

/** x ⊙ s, where s is [chunks, 1, units or 1]. */
function times(x: Chunks, s: tf.Tensor3D): Chunks {
  return withGradient<Chunks>(
    [x, s],
    (all, factor) => [tf.mul(all!, factor!), all!, factor!],
    (delta, all, factor) => {
      const sums = sumOfRows(tf.mul(delta, all!));
      const units = sums.shape[2]!;
      return [tf.mul(delta, factor!), s.shape[2] === units ? sums : tf.matMul(sums, tf.ones([1, units, 1]))];
    },
  );
}

/** The sum over the rows of each chunk, [chunks, 1, units]: a product, whose bits do not depend on other chunks. */
function sumOfRows(x: tf.Tensor): tf.Tensor {
  return tf.matMul(tf.ones([1, 1, x.shape[1]!]), x);
}
