/** A group's input: its features' columns, then the results of its sequence encoders. */

import type { GroupName } from "../../spec/index.js";
import * as tf from "../../tfjs/index.js";
import { project } from "../layers/projection.js";
import type { Feeds } from "../plan/feeds.js";
import type { Plan } from "../plan/plan.js";
import { encode } from "./encode.js";

/** [rows, dim(group)]. Encoders are computed at each call: call it once per program. */
export function groupInput(feeds: Feeds, plan: Plan, group: GroupName, training: boolean): tf.Tensor2D {
  const features = (plan.inputDims[group] ?? 0) > 0 ? inputColumns(feeds, plan, group) : [];
  const encoders = plan.encoders.filter((encoder) => encoder.group === group);
  const parts = [...features, ...encoders.map((encoder) => encode(feeds, encoder, training))];
  return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
}

/** The features' columns; numbers with a learned embedding are replaced by it. */
function inputColumns(feeds: Feeds, { columns }: Plan, group: GroupName): tf.Tensor2D[] {
  const matrix = feeds.tensor<tf.Tensor2D>(group);
  if (columns[group].every(({ projection }) => projection === null)) return [matrix];
  return columns[group].map(({ start, width, projection }) => {
    const part = tf.slice(matrix, [0, start], [matrix.shape[0], width]);
    return projection === null ? part : project(feeds, projection, part);
  });
}
