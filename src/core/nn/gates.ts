/** The Gate NU (paper §3.1), which EPNet and PPNet share: its input, its values, and overrides of them. */
import { expertsOf, type SwitchesSpec } from "../spec/model.js";
import * as tf from "../tfjs/index.js";
import { activate, detach, dropout, linear, priorLinear, withGradient } from "./layers.js";
import {
  expertLayerName,
  expertMixName,
  type Feeds,
  type Plan,
  ppnetActivationName,
  ppnetGateName,
  ppnetLinearName,
  type TaskPlan,
} from "./plan/plan.js";
import { groupInput } from "./sequences.js";

/** A task's last hidden layer, [rows, dim], and the gate values of each layer. */
export interface PpnetResult {
  readonly output: tf.Tensor2D;
  readonly gates: readonly tf.Tensor2D[];
}

/** The inputs that tasks share, computed once per run. */
export interface PpnetShared {
  /** The output of EPNet, [rows, dim(all)]. */
  readonly main: tf.Tensor2D;
  readonly gateInput: GateInput | null;
  /** Gates in the paper's placement, per layer and task, over all rows. */
  readonly inputGates: readonly (readonly tf.Tensor2D[])[];
  /** The outputs of experts; empty: PPNet. */
  readonly experts: readonly tf.Tensor2D[];
}

export function ppnetShared(feeds: Feeds, main: tf.Tensor2D): PpnetShared {
  const { plan } = feeds;
  const ungated = { main, gateInput: null, inputGates: [], experts: [] };
  if (plan.experts > 0) return { ...ungated, experts: experts(feeds, main) };
  if (plan.ppnet === null || !plan.ppnet.gated) return ungated;
  const input = gateInput(groupInput(feeds, "uia"), gatePath(feeds, "path.ppnet", main), plan.spec.switches);
  if (plan.spec.switches.gatePlacement === "output") return { ...ungated, gateInput: input };
  const inputGates = (plan.tasks[0]?.ppnet ?? []).map((layer, j) => {
    const name = ppnetGateName(plan, 0, j);
    const gate = gateNu(feeds, name, input, gateGamma(feeds, name));
    if (plan.tasks.length === 1) return [gate]; // TF.js cannot differentiate a split into one part
    const widths = plan.tasks.map(() => layer.inDim);
    return tf.split(gate, widths, 1) as tf.Tensor2D[];
  });
  return { ...ungated, inputGates };
}

/** h = dropout(act(Linear(h)) ⊙ gate); in the paper's placement dropout(act(Linear(h ⊙ gate))). */
export function ppnet(feeds: Feeds, task: TaskPlan, shared: PpnetShared, restricted = false): PpnetResult {
  const { plan } = feeds;
  const pick = (x: tf.Tensor2D) => (restricted ? selectRows(feeds, `task.${task.index}`, x) : x);
  let hidden = pick(shared.main);
  if (plan.ppnet === null) return { output: hidden, gates: [] };
  if (plan.experts > 0) {
    const outputs = expertsOf(plan.spec, task.index).map((expert) => pick(shared.experts[expert]!));
    const mixed = mixture(feeds, task, hidden, outputs);
    return { output: dropout(feeds, `ppnet.${task.index}.${task.ppnet.length - 1}`, mixed), gates: [] };
  }
  const input = shared.gateInput === null ? null : pickGateInput(shared.gateInput, pick, plan);
  const gates: tf.Tensor2D[] = [];
  for (let j = 0; j < task.ppnet.length; j++) {
    const output = `gate.ppnet.${task.index}.${j}`;
    const before = shared.inputGates[j]?.[task.index];
    if (before !== undefined) {
      gates.push(overriddenGate(feeds, output, pick(before)));
      hidden = tf.mul(hidden, gates.at(-1)!);
    }
    const layer = ppnetLinearName(plan, task.index, j);
    hidden = activate(feeds, ppnetActivationName(layer), linear(feeds, layer, hidden), plan.ppnet.activation);
    if (input !== null) {
      const name = ppnetGateName(plan, task.index, j);
      gates.push(overriddenGate(feeds, output, gateNu(feeds, name, input, gateGamma(feeds, name))));
      hidden = tf.mul(hidden, gates.at(-1)!);
    }
    hidden = dropout(feeds, `ppnet.${task.index}.${j}`, hidden);
  }
  return { output: hidden, gates };
}

/** The gate input on a branch's rows; a joined part that was off the gradient tape stays off it. */
function pickGateInput(input: GateInput, pick: (x: tf.Tensor2D) => tf.Tensor2D, plan: Plan): GateInput {
  const joined = pick(input.joined);
  return {
    joined: plan.spec.switches.stopGradient ? detach(joined) : joined,
    prior: input.prior === null ? null : pick(input.prior),
  };
}

function gateGamma(feeds: Feeds, gate: string): tf.Tensor {
  return feeds.tensor(feeds.plan.spec.switches.learnableGamma ? `${gate}.gamma` : "ppnet.gamma");
}

function experts(feeds: Feeds, main: tf.Tensor2D): tf.Tensor2D[] {
  const { plan } = feeds;
  const { activation } = plan.ppnet!;
  return Array.from({ length: plan.experts }, (_, expert) =>
    plan.tasks[0]!.ppnet.reduce((hidden, __, layer) => {
      const name = expertLayerName(expert, layer);
      return activate(feeds, `${name}.activation`, linear(feeds, name, hidden), activation);
    }, main),
  );
}

/** The experts' mean, weighted by the task's softmax over them, [rows, units]. */
function mixture(feeds: Feeds, task: TaskPlan, main: tf.Tensor2D, outputs: readonly tf.Tensor2D[]): tf.Tensor2D {
  if (outputs.length === 1) return outputs[0]!;
  const shares = tf.softmax(linear(feeds, expertMixName(task.index), main));
  // The array is copied, since the tape keeps split's array.
  const columns = [...tf.split(shares, outputs.length, 1)];
  const parts = outputs.map((output, expert): tf.Tensor2D => tf.mul(output, columns[expert]!));
  return parts.reduce((sum, part) => tf.add(sum, part));
}

/** [rows, dim] → [picked, dim]; the gradient gathers by `{branch}.inverse`, as TF.js's own would loop over all rows. */
function selectRows(feeds: Feeds, branch: string, x: tf.Tensor2D): tf.Tensor2D {
  const rows = feeds.tensor<tf.Tensor1D>(`${branch}.rows`);
  const inverse = feeds.tensor<tf.Tensor1D>(`${branch}.inverse`);
  const inside = feeds.tensor<tf.Tensor2D>(`${branch}.inside`);
  return withGradient(
    [x],
    (all) => [tf.gather(all!, rows)],
    (delta) => [tf.mul(tf.gather(delta, inverse), inside)],
  );
}

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

/** Gate values in (0, gamma), [rows, units]. @param name such as `model.epnet.gate_nu` @param gamma [] or [1] */
export function gateNu(feeds: Feeds, name: string, input: GateInput, gamma: tf.Tensor): tf.Tensor2D {
  const first = `${name}.dense_layers.0`;
  const hidden =
    input.prior === null ? linear(feeds, first, input.joined) : priorLinear(feeds, first, input.joined, input.prior);
  const logits = linear(feeds, `${name}.dense_layers.2`, tf.relu(hidden));
  return gamma.rank > 0 ? tf.mul(tf.sigmoid(logits), gamma) : scaledSigmoid(logits, gamma);
}

/** gamma · sigmoid(x), with a gradient of few passes: g · (1 − sigmoid(x)). Equal if gamma is a power of two. */
function scaledSigmoid(x: tf.Tensor2D, gamma: tf.Tensor): tf.Tensor2D {
  return withGradient(
    [x],
    (input) => {
      const sigmoid = tf.sigmoid(input!);
      const value = tf.mul(sigmoid, gamma);
      return [value, sigmoid, value];
    },
    (delta, sigmoid, value) => [tf.mul(delta, tf.mul(value!, tf.sub(1, sigmoid!)))],
  );
}

/** gate ⊙ `{name}.keep` [units] + `{name}.given` [entries, units] at `override.entries`, if the program has them. */
export function overriddenGate(feeds: Feeds, name: string, gate: tf.Tensor2D): tf.Tensor2D {
  if (!feeds.has(`${name}.keep`)) return gate;
  const replacements = tf.gather(
    feeds.tensor<tf.Tensor2D>(`${name}.given`),
    feeds.tensor<tf.Tensor1D>("override.entries"),
  );
  return tf.add(tf.mul(gate, feeds.tensor(`${name}.keep`)), replacements);
}

/** A gate's main input; the `gradients` program adds zeros to it, whose gradient is that of this path. */
export function gatePath(feeds: Feeds, name: string, main: tf.Tensor2D): tf.Tensor2D {
  return feeds.has(name) ? tf.add(main, feeds.tensor<tf.Tensor2D>(name)) : main;
}
