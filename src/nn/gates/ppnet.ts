/**
 * PPNet (paper §3.3): hidden layers per task with units gated by the user, item and author embeddings.
 */
import * as tf from "../../tfjs/index.js";
import { experts, mixture } from "../experts.js";
import { activate } from "../layers/activations.js";
import { dropout } from "../layers/dropout.js";
import { linear } from "../layers/linear.js";
import type { Feeds } from "../plan/feeds.js";
import { ppnetGateName, ppnetLinearName } from "../plan/names.js";
import type { Plan, TaskPlan } from "../plan/plan.js";
import { selectRows } from "../select-rows.js";
import { groupInput } from "../sequences/group-input.js";
import { detach } from "./detach.js";
import { type GateInput, gateInput, gateNu } from "./gate-nu.js";
import { overriddenGate } from "./gate-override.js";
import { gatePath } from "./gate-path.js";

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
  /** The outputs of MMoE's experts; empty: no MMoE. */
  readonly experts: readonly tf.Tensor2D[];
}

/** Computes the shared inputs of the tasks. */
export function ppnetShared(feeds: Feeds, plan: Plan, main: tf.Tensor2D, training: boolean): PpnetShared {
  const ungated = { main, gateInput: null, inputGates: [], experts: [] };
  if (plan.experts > 0) return { ...ungated, experts: experts(feeds, plan, main) };
  if (plan.ppnet === null || !plan.ppnet.gated) return ungated;
  const prior = groupInput(feeds, plan, "uia", training);
  const input = gateInput(prior, gatePath(feeds, "path.ppnet", main), plan.spec.switches);
  if (plan.spec.switches.gatePlacement === "output") return { ...ungated, gateInput: input };
  const inputGates = (plan.tasks[0]?.ppnet ?? []).map((layer, j) => {
    const name = ppnetGateName(plan, 0, j);
    const gate = gateNu(feeds, name, input, gateGamma(feeds, plan, name));
    if (plan.tasks.length === 1) return [gate]; // TF.js cannot differentiate a split into one part
    return tf.split(
      gate,
      plan.tasks.map(() => layer.inDim),
      1,
    ) as tf.Tensor2D[];
  });
  return { ...ungated, inputGates };
}

/**
 * A task's branch: h = dropout(act(Linear(h)) ⊙ gate), or dropout(act(Linear(h ⊙ gate))) in the paper's placement.
 * @param restricted whether to compute only the rows of the task's space
 */
export function ppnet(feeds: Feeds, plan: Plan, task: TaskPlan, shared: PpnetShared, restricted: boolean): PpnetResult {
  const pick = (x: tf.Tensor2D) => (restricted ? selectRows(feeds, `task.${task.index}`, x) : x);
  let hidden = pick(shared.main);
  if (plan.ppnet === null) return { output: hidden, gates: [] };
  if (plan.experts > 0) {
    const mixed = mixture(feeds, task, hidden, shared.experts.map(pick));
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
    hidden = activate(
      linear(feeds, ppnetLinearName(plan, task.index, j), hidden),
      plan.ppnet.activation,
    ) as tf.Tensor2D;
    if (input !== null) {
      const name = ppnetGateName(plan, task.index, j);
      gates.push(overriddenGate(feeds, output, gateNu(feeds, name, input, gateGamma(feeds, plan, name))));
      hidden = tf.mul(hidden, gates.at(-1)!);
    }
    hidden = dropout(feeds, `ppnet.${task.index}.${j}`, hidden);
  }
  return { output: hidden, gates };
}

/** The gate input on a branch's rows, with the joined part again off the tape if it was. */
function pickGateInput(input: GateInput, pick: (x: tf.Tensor2D) => tf.Tensor2D, plan: Plan): GateInput {
  const joined = pick(input.joined);
  return {
    joined: plan.spec.switches.stopGradient ? detach(joined) : joined,
    prior: input.prior === null ? null : pick(input.prior),
  };
}

function gateGamma(feeds: Feeds, plan: Plan, gate: string): tf.Tensor {
  return feeds.tensor(plan.spec.switches.learnableGamma ? `${gate}.gamma` : "ppnet.gamma");
}
