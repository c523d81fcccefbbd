/** Cases of the form of `golden/pepnet.json`: one model on given matrices; predictions, losses, gradients, a step of Adam. */

import type { Weight } from "../src/core/engine/engine.js";
import { type Check, compare, type GoldenTensor, numbersOf } from "./check.js";
import { specFromModelConfig } from "./model-fragment.js";
import { type ParityCase, type ParityOptions, type ParityResult, runParityCase } from "./run-case.js";

/** Tensors by name. */
export type Tensors = Readonly<Record<string, GoldenTensor>>;
/** Labels or sample weights by column. */
export type Columns = Readonly<Record<string, readonly number[] | { readonly data: readonly number[] }>>;

/** A case in the file; missing parts are not compared. */
export interface ModelCase {
  readonly name: string;
  readonly model_config: string;
  readonly group_dims?: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  readonly mode?: "train" | "eval";
  /** Parameters by PyTorch name, without the leading `model.`. */
  readonly params: Tensors;
  readonly buffers?: Tensors | null;
  /** By group, [rows, dim]. */
  readonly inputs: Tensors;
  readonly labels: Columns;
  readonly sample_weights?: Columns | null;
  readonly predictions?: Tensors | null;
  readonly losses?: Readonly<Record<string, number>> | null;
  readonly total_loss?: number | null;
  readonly grads?: { readonly params?: Tensors | null; readonly inputs?: Tensors | null } | null;
  readonly adam_step?: { readonly lr: number; readonly params_after: Tensors } | null;
  readonly buffers_after?: Tensors | null;
}

/** Computes a case on an engine and compares the case's values. */
export async function checkModelCase(golden: ModelCase, options: ParityOptions): Promise<Check[]> {
  return compareModelCase(golden, await runParityCase(parityCase(golden), options));
}

/** A case for the engine. */
export function parityCase(golden: ModelCase): ParityCase {
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of Object.entries({ ...golden.params, ...golden.buffers })) {
    weights.set(qualified(name), weightOf(tensor));
  }
  const inputs = Object.fromEntries(Object.entries(golden.inputs).map(([group, tensor]) => [group, weightOf(tensor)]));
  const widths = Object.fromEntries(Object.entries(inputs).map(([group, { shape }]) => [group, shape[1] ?? 0]));
  return {
    spec: specFromModelConfig(golden.model_config, { groupDims: { ...widths, ...golden.group_dims } }),
    mode: golden.mode ?? "eval",
    weights,
    inputs,
    labels: columnsOf(golden.labels),
    sampleWeights: columnsOf(golden.sample_weights ?? {}),
    learningRate: golden.adam_step?.lr ?? 0.001,
  };
}

/** Gradients below this make a first step of Adam amplify rounding: such places are left out of it. */
const tinyGradient = 1e-6;

/** The parts of a case that every form has. */
export type ExpectedNumbers = Pick<
  ModelCase,
  "predictions" | "losses" | "total_loss" | "grads" | "adam_step" | "buffers_after"
>;

/** Compares everything that a case expects. */
export function compareModelCase(golden: ExpectedNumbers, result: ParityResult): Check[] {
  const { grads, adam_step: adam } = golden;
  const gradients = grads?.params ?? {};
  const each = (tensors: Tensors | null | undefined, check: (name: string, tensor: GoldenTensor) => Check) =>
    Object.entries(tensors ?? {}).map(([name, tensor]) => check(name, tensor));
  return [
    ...each(golden.predictions, (name, tensor) => compare(`predictions.${name}`, result.predictions[name], tensor)),
    ...each(golden.losses, (name, loss) => compare(`losses.${name}`, numberOf(result.losses[name]), loss)),
    ...(golden.total_loss == null ? [] : [compare("total_loss", [result.totalLoss], golden.total_loss)]),
    ...each(gradients, (name, tensor) =>
      compare(`grads.params.${name}`, result.parameterGradients[qualified(name)], tensor),
    ),
    ...each(grads?.inputs, (name, tensor) => compare(`grads.inputs.${name}`, result.inputGradients[name], tensor)),
    ...each(adam?.params_after, (name, tensor) => {
      const own = result.parameterGradients[qualified(name)];
      const gradient = name in gradients ? numbersOf(gradients[name] as GoldenTensor, own?.length) : own;
      const large = (place: number) => Math.abs(gradient?.[place] ?? 0) >= tinyGradient;
      return compare(`adam_step.${name}`, result.adamStep[qualified(name)], tensor, large);
    }),
    ...each(golden.buffers_after, (name, tensor) =>
      compare(`buffers_after.${name}`, result.buffersAfter[qualified(name)], tensor),
    ),
  ];
}

/** A parameter's name here. */
export function qualified(name: string): string {
  return name.startsWith("model.") ? name : `model.${name}`;
}

function numberOf(value: number | undefined): number[] | undefined {
  return value === undefined ? undefined : [value];
}

/** A tensor as a weight. */
export function weightOf(tensor: GoldenTensor): Weight {
  const data = Float32Array.from(numbersOf(tensor));
  return { shape: tensor === null || typeof tensor === "number" ? [] : tensor.shape, data };
}

/** Labels or sample weights as lists. */
export function columnsOf(columns: Columns): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, "data" in column ? column.data : column]),
  );
}
