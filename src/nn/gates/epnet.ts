/** EPNet (paper §3.2): one Gate NU, fed by the domain's embeddings, over all embeddings. */
import * as tf from "../../tfjs/index.js";
import { customLayers } from "../layers/custom-layer.js";
import type { Feeds } from "../plan/feeds.js";
import { epnetGateName } from "../plan/names.js";
import type { Plan } from "../plan/plan.js";
import { groupInput } from "../sequences/group-input.js";
import { gateInput, gateNu } from "./gate-nu.js";
import { overriddenGate } from "./gate-override.js";
import { gatePath } from "./gate-path.js";

/** EPNet's input, output and gate values, each [rows, dim(all)]. */
export interface EpnetResult {
  /** The input. */
  readonly input: tf.Tensor2D;
  readonly output: tf.Tensor2D;
  /** `null` if EPNet is off. */
  readonly gate: tf.Tensor2D | null;
}

/** gate ⊙ all; `all` itself if EPNet is off. `all` is the output of the custom layers on the embeddings. */
export function epnet(feeds: Feeds, plan: Plan, training: boolean): EpnetResult {
  const all = customLayers(feeds, plan, groupInput(feeds, plan, "all", training));
  if (plan.epnet === null) return { input: all, output: all, gate: null };
  const domain = groupInput(feeds, plan, "domain", training);
  const input = gateInput(domain, gatePath(feeds, "path.epnet", all), plan.spec.switches);
  const gamma = plan.spec.switches.learnableGamma ? `${epnetGateName}.gamma` : "epnet.gamma";
  const gate = overriddenGate(feeds, "gate.epnet", gateNu(feeds, epnetGateName, input, feeds.tensor(gamma)));
  return { input: all, output: tf.mul(gate, all), gate };
}
