/** Golden cases of `shared/golden/pepnet.json` as parity cases: their config text read by the project's own reader. */
import { readFileSync } from "node:fs";
import { specFromModelConfig } from "../../src/config/index.js";
import type { Weight } from "../../src/engine/engine.js";
import type { ParityCase } from "../../src/engine/parity.js";
import { sharedPath } from "../shared.js";

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A case as the file holds it. */
export interface GoldenCase {
  readonly name: string;
  readonly model_config: string;
  readonly group_dims: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly mode: "train" | "eval";
  readonly params: Readonly<Record<string, Tensor>>;
  readonly buffers: Readonly<Record<string, Tensor>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly labels: Readonly<Record<string, readonly number[]>>;
  readonly sample_weights: Readonly<Record<string, readonly number[]>>;
  readonly predictions: Readonly<Record<string, Tensor>>;
  readonly losses: Readonly<Record<string, number>>;
  readonly total_loss: number;
  readonly grads: {
    readonly params: Readonly<Record<string, Tensor>>;
    readonly inputs: Readonly<Record<string, Tensor>>;
  };
  readonly adam_step: { readonly lr: number; readonly params_after: Readonly<Record<string, Tensor>> };
  readonly buffers_after?: Readonly<Record<string, Tensor>>;
}

/** All cases. */
export function goldenCases(): GoldenCase[] {
  return (JSON.parse(readFileSync(sharedPath("golden", "pepnet.json"), "utf8")) as { cases: GoldenCase[] }).cases;
}

/** A case for the engine. */
export function parityCase(golden: GoldenCase): ParityCase {
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of [...Object.entries(golden.params), ...Object.entries(golden.buffers)]) {
    weights.set(`model.${name}`, weightOf(tensor));
  }
  return {
    spec: specFromModelConfig(golden.model_config, { groupDims: golden.group_dims }),
    mode: golden.mode,
    weights,
    inputs: Object.fromEntries(Object.entries(golden.inputs).map(([group, tensor]) => [group, weightOf(tensor)])),
    labels: golden.labels,
    sampleWeights: golden.sample_weights,
    learningRate: golden.adam_step.lr,
  };
}

function weightOf(tensor: Tensor | number): Weight {
  if (typeof tensor === "number") return { shape: [], data: Float32Array.of(tensor) };
  return { shape: tensor.shape, data: Float32Array.from([tensor.data].flat()) };
}
