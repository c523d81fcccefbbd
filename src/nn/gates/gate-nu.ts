/** Gate NU (paper §3.1): Linear → ReLU → Linear → gamma · sigmoid, fed by a prior and the stopped main input. */

import type { SwitchesSpec } from "../../spec/index.js";
import * as tf from "../../tfjs/index.js";
import { linear, priorLinear } from "../layers/linear.js";
import type { Feeds } from "../plan/feeds.js";
import { detach } from "./detach.js";

/** A gate's input, computed once for all gates that share it. */
export interface GateInput {
  /** [prior | main], [rows, priorDim + mainDim]. */
  readonly joined: tf.Tensor2D;
  /** On the tape if only the prior's columns need a gradient; `null` if autodiff handles it. */
  readonly prior: tf.Tensor2D | null;
}

/** Concatenates a prior with the main input; the switches decide which of them stop gradients. */
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
 * @param gamma a scalar, or [1] if it is trained
 */
export function gateNu(feeds: Feeds, name: string, input: GateInput, gamma: tf.Tensor): tf.Tensor2D {
  const first = `${name}.dense_layers.0`;
  const hidden =
    input.prior === null ? linear(feeds, first, input.joined) : priorLinear(feeds, first, input.joined, input.prior);
  const logits = linear(feeds, `${name}.dense_layers.2`, tf.relu(hidden));
  return gamma.rank > 0 ? tf.mul(tf.sigmoid(logits), gamma) : scaledSigmoid(logits, gamma);
}

/**
 * gamma · sigmoid(x) with a gradient that needs fewer passes over [rows, units] than autodiff's: it uses g · (1 −
 * sigmoid(x)) of the existing value g. The numbers are equal if gamma is a power of two.
 */
function scaledSigmoid(x: tf.Tensor2D, gamma: tf.Tensor): tf.Tensor2D {
  const scaled = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, save] = args as [tf.Tensor2D, tf.GradSaveFunc];
    const sigmoid = tf.sigmoid(input);
    const value = tf.mul(sigmoid, gamma) as tf.Tensor2D;
    save([sigmoid, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [s, g] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.mul(dy, tf.mul(g, tf.sub(1, s)));
      },
    };
  });
  return scaled(x) as tf.Tensor2D;
}
