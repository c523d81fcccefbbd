/** Times only the matrix products of a step: the machine's limit for these shapes. */

import type { Batch } from "../src/core/data/encoded/encoded.js";
import { createSession } from "../src/core/engine/compiled/ort-session.js";
import type { Feed } from "../src/core/engine/core/outputs.js";
import { compile } from "../src/core/jit/compile.js";
import { planModel } from "../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import * as tf from "../src/core/tfjs/index.js";
import { rowsInSpace } from "./flops.js";
import { threads } from "./steppers.js";

/** The products of one fully connected layer in a step. */
export interface Product {
  readonly rows: number;
  readonly inDim: number;
  readonly outDim: number;
  /** Number of input columns that receive a gradient. */
  readonly backward: number;
  /** How often a step computes it. */
  times: number;
}

/** All products of a step, ready to run. */
export interface Products {
  /** Floating-point operations of one run. */
  readonly operations: number;
  /** Computes each product as often as a step does, one after the other. */
  run(): Promise<void>;
  dispose(): Promise<void>;
}

/** Prepares the products of a step on a batch. */
export async function stepProducts(spec: ModelSpec, batch: Batch): Promise<Products> {
  const products = productsOf(spec, batch);
  const sessions = await Promise.all(products.map(productSession));
  return {
    operations: operationsOf(products),
    async run() {
      for (const [index, { times }] of products.entries()) {
        for (let time = 0; time < times; time++) await sessions[index]?.run();
      }
    },
    async dispose() {
      for (const session of sessions) await session.release();
    },
  };
}

/** Floating-point operations of all products of a step. */
export function operationsOf(products: readonly Product[]): number {
  return products.reduce(
    (sum, { rows, inDim, outDim, backward, times }) => sum + times * 2 * rows * outDim * (2 * inDim + backward),
    0,
  );
}

/** Forward x·w, backward xᵀ·g and, for inputs with a gradient, g·wᵀ. */
async function productSession({ rows, inDim, outDim, backward }: Product) {
  const shapes = { x: [rows, inDim], w: [inDim, outDim], v: [backward || 1, outDim], g: [rows, outDim] };
  const inputs = Object.entries(shapes).map(([name, shape]) => ({ name, shape, dtype: "float32" as const }));
  const program = compile(
    (tensors) => {
      const of = (name: string) => tensors.get(name) as tf.Tensor2D;
      const products: [string, tf.Tensor][] = [
        ["forward", tf.matMul(of("x"), of("w"))],
        ["weights", tf.matMul(of("x"), of("g"), true, false)],
      ];
      if (backward > 0) products.push(["inputs", tf.matMul(of("g"), of("v"), false, true)]);
      // Returns one number of each: returning whole matrices would allocate memory, which the products of a step do not.
      return new Map(products.map(([name, product]) => [name, tf.slice(product, [0, 0], [1, 1])]));
    },
    { inputs },
  );
  const feeds = new Map(
    inputs.map(({ name, shape, dtype }): [string, Feed] => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5);
      return [name, { dtype, shape, data }];
    }),
  );
  const session = await createSession(program, threads);
  return { run: () => session.run({ feeds, sizes: new Map() }), release: () => session.release() };
}

/** The layers of a model with gates on PPNet's outputs, as the compiled engine computes them. */
export function productsOf(spec: ModelSpec, batch: Batch): Product[] {
  const plan = planModel(spec);
  const { all, domain, uia } = plan.dims;
  const products = new Map<string, Product>();
  const add = (rows: number, inDim: number, outDim: number, backward = inDim) => {
    const key = [rows, inDim, outDim, backward].join(" ");
    const product = products.get(key) ?? { rows, inDim, outDim, backward, times: 0 };
    products.set(key, { ...product, times: product.times + 1 });
  };
  const gate = (rows: number, prior: number, hidden: number, units: number) => {
    add(rows, prior + all, hidden, prior);
    add(rows, hidden, units);
  };
  if (plan.epnet !== null) gate(batch.rows.length, domain ?? 0, plan.epnet.hidden, all);
  for (const task of plan.tasks) {
    const rows = rowsInSpace(task.tower, batch);
    for (const { inDim, outDim } of task.ppnet) {
      add(rows, inDim, outDim);
      if (plan.ppnet?.gated) gate(rows, uia ?? 0, outDim, outDim);
    }
    // Assumes domains of equal size.
    for (let tower = 0; tower < plan.towers; tower++) {
      const domainRows = Math.max(1, Math.round(rows / plan.towers));
      for (const { inDim, outDim } of task.mlp) add(domainRows, inDim, outDim);
      add(domainRows, task.outDim, task.tower.numClass);
    }
  }
  return [...products.values()];
}
