/** Gate NU (paper §3.1): Linear → ReLU → Linear → gamma · sigmoid, fed by a prior and the stopped main input. */
import * as tf from "@tensorflow/tfjs";
import type { SwitchesSpec } from "../spec/index.js";
import { detach } from "./detach.js";
import type { Feeds } from "./feeds.js";
import { linear, priorLinear } from "./linear.js";

/** A gate's input, made once for all gates that share it. */
export interface GateInput {
  /** [prior | main], [rows, priorDim + mainDim]. */
  readonly joined: tf.Tensor2D;
  /** On the tape where only the prior's columns take a gradient; `null` where autodiff decides by itself. */
  readonly prior: tf.Tensor2D | null;
}

/** Joins a prior with the main input, each stopped as the switches say. */
export function gateInput(prior: tf.Tensor2D, main: tf.Tensor2D, switches: SwitchesSpec): GateInput {
  if (!switches.stopGradient) {
    return { joined: tf.concat([switches.detachPriors ? detach(prior) : prior, main], 1), prior: null };
  }
  const joined = detach(tf.concat([detach(prior), detach(main)], 1));
  return { joined, prior: switches.detachPriors ? null : prior };
}

/**
 * Gate values in (0, gamma), [rows, units].
 * @param name of the parameters, such as `model.epnet.gate_nu`
 * @param gamma a scalar, or [1] where it is trained
 */
export function gateNu(feeds: Feeds, name: string, input: GateInput, gamma: tf.Tensor): tf.Tensor2D {
  const first = `${name}.dense_layers.0`;
  const hidden =
    input.prior === null ? linear(feeds, first, input.joined) : priorLinear(feeds, first, input.joined, input.prior);
  const gate = tf.sigmoid(linear(feeds, `${name}.dense_layers.2`, tf.relu(hidden)));
  return tf.mul(gate, gamma);
}
