/** Cases of the form of `golden/dense_optimizers.json`: a parameter under one of PyTorch's optimisers, step by step. */

import { denseOptimizer } from "../src/core/engine/core/optimizers.js";
import { ConfigError } from "../src/core/errors/index.js";
import type { DenseOptimizerSpec } from "../src/core/spec/training.js";
import { type Check, compare, type GoldenTensor, numbersOf } from "./check.js";

/** A case in the file. */
export interface OptimizerCase {
  /** The optimiser and PyTorch's arguments: `adam lr=0.01 weight_decay=0.1 amsgrad`. */
  readonly name: string;
  readonly param: GoldenTensor;
  readonly grads: readonly GoldenTensor[];
  readonly after: readonly GoldenTensor[];
}

/** Takes the steps of a case and compares each. */
export function checkOptimizerCase(golden: OptimizerCase): Check[] {
  const spec = optimizerOf(golden.name);
  const values = Float32Array.from(numbersOf(golden.param));
  const optimizer = denseOptimizer(spec, values.length);
  return golden.grads.map((gradient, index) => {
    optimizer.update(values, Float32Array.from(numbersOf(gradient)), spec.lr, index + 1);
    return compare(`after[${index}]`, values, golden.after[index] ?? null);
  });
}

type Arguments = Readonly<Record<string, number>>;

/** PyTorch's arguments with their defaults; the names of those that are here differ from the spec's. */
const defaults: Readonly<Record<DenseOptimizerSpec["kind"], Arguments>> = {
  sgd: { lr: 0.001, momentum: 0, weight_decay: 0, dampening: 0, nesterov: 0 },
  adagrad: { lr: 0.01, weight_decay: 0, initial_accumulator_value: 0, eps: 1e-10 },
  adam: { lr: 0.001, beta1: 0.9, beta2: 0.999, weight_decay: 0, eps: 1e-8, amsgrad: 0 },
  adamw: { lr: 0.001, beta1: 0.9, beta2: 0.999, weight_decay: 0.01, eps: 1e-8, amsgrad: 0 },
  adadelta: { lr: 1, rho: 0.9, eps: 1e-6, weight_decay: 0 },
  rmsprop: { lr: 0.01, alpha: 0.99, eps: 1e-8, weight_decay: 0 },
};

const settings: Readonly<Record<string, string>> = {
  weight_decay: "weightDecay",
  initial_accumulator_value: "initialAccumulator",
};
const flags: readonly string[] = ["nesterov", "amsgrad"];

/**
 * Reads `adam lr=0.01 betas=(0.9,0.99) amsgrad`.
 * @throws ConfigError that names an unsupported optimiser or argument.
 */
export function optimizerOf(text: string): DenseOptimizerSpec {
  const [word = "", ...words] = text
    .trim()
    .replaceAll(/\(([^)]*)\)/g, (all) => all.replaceAll(/\s/g, ""))
    .split(/\s+/);
  const kind = word.toLowerCase() as DenseOptimizerSpec["kind"];
  const known = Object.hasOwn(defaults, kind) ? defaults[kind] : null;
  if (known === null) throw unknown(text, word, Object.keys(defaults));
  const given: Record<string, number> = {};
  for (const item of words) {
    const [name = "", value = "True"] = item.replace(/,$/, "").split("=");
    const betas = name === "betas" ? /\((.+),(.+)\)/.exec(value) : null;
    if (betas !== null) Object.assign(given, { beta1: Number(betas[1]), beta2: Number(betas[2]) });
    else if (Object.hasOwn(known, name)) given[name] = value === "True" ? 1 : value === "False" ? 0 : Number(value);
    else throw unknown(text, item, Object.keys(known));
  }
  const entries = Object.entries({ ...known, ...given }).map(([name, value]) => [
    settings[name] ?? name,
    flags.includes(name) ? value !== 0 : value,
  ]);
  return { kind, ...Object.fromEntries(entries) } as DenseOptimizerSpec;
}

function unknown(text: string, received: string, expected: readonly string[]): ConfigError {
  return new ConfigError({
    path: `optimizer "${text}"`,
    message: "not supported here",
    received,
    expected: expected.join(", "),
  });
}
