/**
 * The MLPs that score the positions of a sequence. Their first layer reads [q, s, q − s, q · s], but is computed by
 * blocks of its weight: the query's part once a row, and no joined input is made.
 */
import * as tf from "../tfjs/index.js";
import { activate, batchNorm, dice, dropout, layerNorm, linear } from "./layers.js";
import { encoderSite } from "./plan/names.js";
import type { Feeds } from "./plan/plan.js";
import { attentionLayers, type EncoderPlan, isDice, normName } from "./plan/sequences.js";

/** DIN's score of each position, [rows, longest]. */
export function dinScores(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  const { width, queryWidth } = plan.view;
  const weight = firstWeight(feeds, plan);
  const block = (at: number, columns: number) => tf.slice(weight, [0, at * width], [weight.shape[0], columns]);
  const ofQuery = tf.add(block(0, queryWidth), block(2, queryWidth)) as tf.Tensor2D;
  const ofPosition = tf.sub(block(1, width), block(2, width)) as tf.Tensor2D;
  return byRow(feeds, plan, mlp(feeds, plan, firstLayer(feeds, plan, ofQuery, ofPosition, block(3, queryWidth))));
}

/** The weight of each position in windows, [rows, longest]: of [s, q · s, q], by PReLU. */
export function windowScores(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  const { width, queryWidth } = plan.view;
  const weight = firstWeight(feeds, plan);
  const block = (at: number, columns: number) => tf.slice(weight, [0, at * width], [weight.shape[0], columns]);
  const hidden = firstLayer(feeds, plan, block(2, queryWidth), block(0, width), block(1, queryWidth));
  const scores = mlp(feeds, plan, hidden);
  const slope = feeds.tensor(`${plan.prefix}.active.weight`);
  return byRow(feeds, plan, tf.sub(tf.relu(scores), tf.mul(tf.relu(tf.neg(scores)), slope)) as tf.Tensor2D);
}

function firstWeight(feeds: Feeds, plan: EncoderPlan): tf.Tensor2D {
  return feeds.tensor<tf.Tensor2D>(`${attentionLayers(plan)[0]!.name}.0.weight`);
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
    if (isDice(options)) hidden = dice(feeds, normName.dice(name, options), hidden, inverse);
    else hidden = activate(hidden, plan.activation!) as tf.Tensor2D;
    hidden = dropout(feeds, encoderSite(plan.name, index), hidden);
  }
  return linear(feeds, `${plan.prefix}.linear`, hidden);
}

function byRow(feeds: Feeds, { view }: EncoderPlan, scores: tf.Tensor2D): tf.Tensor2D {
  return tf.reshape(scores, feeds.tensor<tf.Tensor2D>(`mask.${view.name}`).shape) as tf.Tensor2D;
}
