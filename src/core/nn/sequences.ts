/** TorchEasyRec's sequence encoders. A sequence is [positions, width], padded with zeros to the longest row. */
import type { SelfAttentionSpec } from "../spec/feature/sequence.js";
import type { GroupName } from "../spec/model.js";
import * as tf from "../tfjs/index.js";
import { activate, batchNorm, dropout, layerNorm, leakyRelu, linear, withGradient } from "./layers.js";
import { encoderSite, type Feeds } from "./plan/plan.js";
import { attentionLayers, type EncoderPlan, normName, type ProjectionPlan, projectionName } from "./plan/sequences.js";

/** The result of an encoder, [rows, width]. */
function encode(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  const { encoder } = plan;
  if (encoder.kind === "self_attention") return selfAttention(feeds, plan, encoder);
  if (encoder.kind === "multi_window_din") return windows(feeds, plan, encoder.windows, positionWeights(feeds, plan)!);
  if (encoder.kind === "din" || encoder.kind === "simple_attention")
    return weightedSum(byRow(feeds, plan), positionWeights(feeds, plan)!);
  const sum = sumPositions(byRow(feeds, plan));
  if (encoder.pooling === "sum") return sum;
  return tf.div(sum, tf.maximum(feeds.tensor(`length.${plan.view.name}`), 1));
}

/** Each position's weight, [rows, longest]; 0 in multi-window DIN's padding. `null`: the encoder has none. */
export function positionWeights(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D | null {
  const { kind } = plan.encoder;
  if (kind === "din") return attention(feeds, plan, dinScores(feeds, plan));
  if (kind === "multi_window_din")
    return tf.mul(windowScores(feeds, plan), feeds.tensor(`mask.${plan.view.name}`)) as tf.Tensor2D;
  if (kind !== "simple_attention") return null;
  const query = feeds.tensor<tf.Tensor2D>(`query.${plan.view.name}`);
  const first = tf.reshape(query, [query.shape[0], 1, plan.view.queryWidth]) as tf.Tensor3D;
  return attention(feeds, plan, products(byRow(feeds, plan), first));
}

/** The sequence by row, [rows, longest, width]. */
function byRow(feeds: Feeds, { view }: EncoderPlan): tf.Tensor3D {
  const [rows, longest] = feeds.tensor<tf.Tensor2D>(`mask.${view.name}`).shape;
  return tf.reshape(feeds.tensor(`sequence.${view.name}`), [rows, longest, view.width]) as tf.Tensor3D;
}

/** A score that vanishes in the softmax: PyTorch's least int32, as float32. */
const vanishing = 2147483647;

function maskedSoftmax(scores: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  return tf.softmax(tf.add(tf.mul(scores, mask), tf.mul(tf.sub(mask, 1), vanishing)));
}

/** Softmax over positions, [rows, longest]. Without positions it is even over the padding, as in TorchEasyRec. */
function attention(feeds: Feeds, { view }: EncoderPlan, scores: tf.Tensor2D): tf.Tensor2D {
  return maskedSoftmax(scores, feeds.tensor(`mask.${view.name}`)) as tf.Tensor2D;
}

/** Weighted means over windows (an empty one counts as one position), then the query, padded with zeros. */
function windows(feeds: Feeds, plan: EncoderPlan, sizes: readonly number[], weights: tf.Tensor2D): tf.Tensor2D {
  const { view, name } = plan;
  const members = feeds.tensor<tf.Tensor2D>(`windows.${name}`);
  const length = feeds.tensor(`length.${view.name}`);
  let start = 0;
  const means = sizes.map((size, window) => {
    const inside = tf.mul(weights, tf.slice(members, [window, 0], [1, members.shape[1]])) as tf.Tensor2D;
    const count = tf.maximum(tf.minimum(tf.sub(length, start), size), 1);
    start += size;
    return tf.div(weightedSum(byRow(feeds, plan), inside), count) as tf.Tensor2D;
  });
  const query = feeds.tensor<tf.Tensor2D>(`query.${view.name}`);
  const missing = view.width - view.queryWidth;
  return tf.concat(
    [
      ...means,
      missing === 0
        ? query
        : tf.pad(query, [
            [0, 0],
            [0, missing],
          ]),
    ],
    1,
  );
}

/** Σ weight · position: [rows, longest, width] and [rows, longest] → [rows, width]. */
function weightedSum(sequence: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [sequence, weights],
    (positions, factors) => [tf.sum(tf.mul(positions!, tf.expandDims(factors!, 2)), 1), positions!, factors!],
    (dy, positions, factors) => {
      const delta = tf.expandDims(dy, 1);
      return [tf.mul(delta, tf.expandDims(factors!, 2)), tf.sum(tf.mul(positions!, delta), 2)];
    },
  );
}

/** query · position: [rows, longest, width] and [rows, 1, width] → [rows, longest]. */
function products(sequence: tf.Tensor3D, query: tf.Tensor3D): tf.Tensor2D {
  return withGradient(
    [sequence, query],
    (positions, factor) => [tf.sum(tf.mul(positions!, factor!), 2), positions!, factor!],
    (dy, positions, factor) => {
      const delta = tf.expandDims(dy, 2);
      return [tf.mul(delta, factor!), tf.sum(tf.mul(delta, positions!), 1, true)];
    },
  );
}

/** The sum of positions: [rows, longest, width] → [rows, width]. */
function sumPositions(sequence: tf.Tensor3D): tf.Tensor2D {
  return withGradient(
    [sequence],
    (positions) => [tf.sum(positions!, 1), positions!],
    (dy, positions) => [tf.add(tf.expandDims(dy, 1), tf.zerosLike(positions!))],
  );
}

/** The mean of positions over the row's whole length, [rows, dim]; padding is masked in pairs and counts as zeros. */
function selfAttention(feeds: Feeds, { name, prefix, view }: EncoderPlan, { dim, heads }: SelfAttentionSpec) {
  const sequence = feeds.tensor<tf.Tensor2D>(`sequence.${view.name}`);
  const mask = feeds.tensor<tf.Tensor2D>(`mask.${view.name}`);
  const [rows, longest] = mask.shape;
  const attention = `${prefix}._multihead_attn`;
  const weight = feeds.tensor<tf.Tensor2D>(`${attention}.in_proj_weight`);
  const bias = feeds.tensor<tf.Tensor1D>(`${attention}.in_proj_bias`);
  const [q, k, v] = ["_query", "_key", "_value"].map((layer, part) => {
    const projected = linear(feeds, `${prefix}.${layer}`, sequence);
    const inner = tf.add(
      tf.matMul(projected, tf.slice(weight, [part * dim, 0], [dim, dim]), false, true),
      tf.slice(bias, [part * dim], [dim]),
    );
    return tf.transpose(tf.reshape(inner, [rows, longest, heads, dim / heads]), [0, 2, 1, 3]);
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(dim / heads));
  const shares = maskedSoftmax(scores, tf.reshape(mask, [rows, 1, 1, longest]));
  const weights = dropout(feeds, encoderSite(name, 0), shares);
  const joined = tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [sequence.shape[0], dim]);
  const result = tf.reshape(linear(feeds, `${attention}.out_proj`, joined as tf.Tensor2D), [rows, longest, dim]);
  const sum = weightedSum(result as tf.Tensor3D, mask);
  return tf.div(sum, tf.maximum(feeds.tensor(`length.${view.name}.whole`), 1)) as tf.Tensor2D;
}

/** The embedding of numbers [rows, valueDim]: [rows, dim]. */
function project(feeds: Feeds, plan: ProjectionPlan, numbers: tf.Tensor2D): tf.Tensor2D {
  const weight = feeds.tensor(projectionName(plan, "proj_w"));
  const { projection, valueDim, dim } = plan;
  if (projection.kind === "mlp") return tf.matMul(numbers, tf.reshape(weight, [valueDim, dim]));
  const { channels, keepProb, temperature } = projection;
  const hidden = leakyRelu(tf.matMul(numbers, tf.reshape(weight, [1, channels])), 0.01); // PyTorch's default
  const mixed = tf.matMul(hidden, feeds.tensor(projectionName(plan, "proj_m")), false, true);
  const scores = tf.div(tf.add(mixed, tf.mul(hidden, keepProb)), temperature);
  return tf.matMul(tf.softmax(scores), feeds.tensor(projectionName(plan, "meta_emb"))) as tf.Tensor2D;
}

/** A group's input, [rows, dim(group)]. Call it once per program, since each call computes the encoders. */
export function groupInput(feeds: Feeds, group: GroupName): tf.Tensor2D {
  const { plan } = feeds;
  const features = (plan.inputDims[group] ?? 0) > 0 ? inputColumns(feeds, group) : [];
  const encoders = plan.encoders.filter((encoder) => encoder.group === group);
  const parts = [...features, ...encoders.map((encoder) => encode(feeds, encoder))];
  return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
}

/** The features' columns; numbers with a learned embedding are replaced by it. */
function inputColumns(feeds: Feeds, group: GroupName): tf.Tensor2D[] {
  const { columns } = feeds.plan;
  const matrix = feeds.tensor<tf.Tensor2D>(group);
  if (columns[group].every(({ projection }) => projection === null)) return [matrix];
  // One split: the gradients of slices would each be as wide as the matrix.
  const widths = columns[group].map(({ width }) => width);
  const parts: tf.Tensor2D[] = widths.length === 1 ? [matrix] : tf.split(matrix, widths, 1);
  return columns[group].map(({ projection }, at) =>
    projection === null ? parts[at]! : project(feeds, projection, parts[at]!),
  );
}

/** The MLPs that score positions read [q, s, q − s, q · s] by blocks of their weight: no joined input is made. */
/**
 * DIN's score of each position, [rows, longest]. Its MLP reads [q, s, q − s, q · s] by blocks of its weight, so that no
 * joined input is made.
 */
function dinScores(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  const { width, queryWidth } = plan.view;
  const block = firstBlocks(feeds, plan);
  const ofQuery = tf.add(block(0, queryWidth), block(2, queryWidth)) as tf.Tensor2D;
  const ofPosition = tf.sub(block(1, width), block(2, width)) as tf.Tensor2D;
  return scoresByRow(feeds, plan, mlp(feeds, plan, firstLayer(feeds, plan, ofQuery, ofPosition, block(3, queryWidth))));
}

/** The weight of each position in windows, [rows, longest]: of [s, q · s, q], by PReLU. */
function windowScores(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  const { width, queryWidth } = plan.view;
  const block = firstBlocks(feeds, plan);
  const hidden = firstLayer(feeds, plan, block(2, queryWidth), block(0, width), block(1, queryWidth));
  const scores = mlp(feeds, plan, hidden);
  return scoresByRow(feeds, plan, leakyRelu(scores, feeds.tensor(`${plan.prefix}.active.weight`)) as tf.Tensor2D);
}

function firstBlocks(feeds: Feeds, plan: EncoderPlan) {
  const weight = feeds.tensor<tf.Tensor2D>(`${attentionLayers(plan)[0]!.name}.0.weight`);
  return (at: number, columns: number) => tf.slice(weight, [0, at * plan.view.width], [weight.shape[0], columns]);
}

/** Wq · q + Ws · s + Wp · (q · s), [positions, units], without the zero columns beyond a narrower query. */
function firstLayer(
  feeds: Feeds,
  { view }: EncoderPlan,
  ofQuery: tf.Tensor2D,
  ofPosition: tf.Tensor2D,
  ofProduct: tf.Tensor2D,
): tf.Tensor2D {
  const [rows, longest] = feeds.tensor<tf.Tensor2D>(`mask.${view.name}`).shape;
  const positions = feeds.tensor<tf.Tensor2D>(`sequence.${view.name}`);
  const query = feeds.tensor<tf.Tensor2D>(`query.${view.name}`);
  const count = positions.shape[0];
  const { queryWidth, width } = view;
  const near = queryWidth === width ? positions : tf.slice(positions, [0, 0], [count, queryWidth]);
  const products = tf.mul(tf.reshape(near, [rows, longest, queryWidth]), tf.reshape(query, [rows, 1, queryWidth]));
  const moving = tf.add(
    tf.matMul(positions, ofPosition, false, true),
    tf.matMul(tf.reshape(products, [count, queryWidth]) as tf.Tensor2D, ofProduct, false, true),
  );
  const fixed = tf.matMul(query, ofQuery, false, true);
  const units = fixed.shape[1]!;
  const hidden = tf.add(tf.reshape(moving, [rows, longest, units]), tf.reshape(fixed, [rows, 1, units]));
  return tf.reshape(hidden, [count, units]) as tf.Tensor2D;
}

/** The layers after the first products, [positions, 1]. */
function mlp(feeds: Feeds, plan: EncoderPlan, first: tf.Tensor2D): tf.Tensor2D {
  const inverse = `positions.${plan.view.name}.inverse`;
  let hidden = first;
  for (const [index, { name, mlp: options }] of attentionLayers(plan).entries()) {
    if (index > 0) hidden = linear(feeds, `${name}.0`, hidden);
    else if (feeds.has(`${name}.0.bias`)) hidden = tf.add(hidden, feeds.tensor(`${name}.0.bias`));
    if (options.batchNorm) hidden = batchNorm(feeds, normName.batch(name), hidden, inverse);
    if (options.layerNorm) hidden = layerNorm(feeds, normName.layer(name), hidden);
    hidden = activate(feeds, normName.activation(name, options), hidden, plan.activation!, inverse);
    hidden = dropout(feeds, encoderSite(plan.name, index), hidden);
  }
  return linear(feeds, `${plan.prefix}.linear`, hidden);
}

function scoresByRow(feeds: Feeds, { view }: EncoderPlan, scores: tf.Tensor2D): tf.Tensor2D {
  return tf.reshape(scores, feeds.tensor<tf.Tensor2D>(`mask.${view.name}`).shape) as tf.Tensor2D;
}
