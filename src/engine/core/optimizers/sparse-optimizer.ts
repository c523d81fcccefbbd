/** Formulas and defaults are those of FBGEMM's table-batched embeddings, which TorchEasyRec uses. */
import { EngineError } from "../../../errors/index.js";
import type { SparseOptimizerSpec } from "../../../spec/index.js";
import type { EmbeddingTable } from "../weights/table.js";

export interface SparseOptimizer {
  /** By slot name, such as `sum`; [rows, dim], or [rows] with one value per row. */
  readonly slots: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
  /** Updates the touched rows by their summed gradient and may overwrite it. `iteration` counts from 1. */
  update(learningRate: number, iteration: number): void;
}

type Spec = Exclude<SparseOptimizerSpec, { kind: "other" }>;

/** An unsupported optimiser throws only at its first update, so that a model trained with it can still predict. */
export function sparseOptimizer(spec: SparseOptimizerSpec, table: EmbeddingTable): SparseOptimizer {
  if (spec.kind !== "other") return makers[spec.kind](spec as never, table);
  return {
    slots: {},
    update() {
      throw new EngineError({
        path: "training.sparse",
        message: `the sparse optimiser ${spec.field} is not supported`,
        expected: "sgd, adagrad, rowwise_adagrad, adam or partial_rowwise_adam",
      });
    },
  };
}

type Maker<K extends Spec["kind"]> = (spec: Extract<Spec, { kind: K }>, table: EmbeddingTable) => SparseOptimizer;

const epsilon = 1e-8;

const sgd: Maker<"sgd"> = (_, table) => ({
  slots: {},
  update(learningRate) {
    const { values, gradient } = table;
    forEachTouched(table, (at, from) => {
      for (let j = 0; j < table.dim; j++) values[at + j] = values[at + j]! - learningRate * gradient[from + j]!;
    });
  },
});

const adagrad: Maker<"adagrad"> = (spec, table) => {
  const sum = perElement(table, spec.initialAccumulator);
  return {
    slots: { sum },
    update(learningRate) {
      const { values, gradient, dim } = table;
      forEachTouched(table, (at, from) => {
        for (let j = 0; j < dim; j++) {
          const g = gradient[from + j]!;
          sum.data[at + j] = sum.data[at + j]! + g * g;
          values[at + j] = values[at + j]! - (learningRate * g) / (Math.sqrt(sum.data[at + j]!) + epsilon);
        }
      });
    },
  };
};

const rowwiseAdagrad: Maker<"rowwise_adagrad"> = (spec, table) => {
  const sum = perRow(table);
  const { weightDecay, weightDecayMode } = spec;
  return {
    slots: { sum },
    update(learningRate) {
      const { values, gradient, dim } = table;
      forEachTouched(table, (at, from, row) => {
        if (weightDecayMode === "L2") addScaled(gradient, from, values, at, dim, weightDecay);
        sum.data[row] = sum.data[row]! + meanSquare(gradient, from, dim);
        const rate = learningRate / (Math.sqrt(sum.data[row]!) + epsilon);
        const keep = weightDecayMode === "DECOUPLE" ? 1 - learningRate * weightDecay : 1;
        for (let j = 0; j < dim; j++) values[at + j] = keep * values[at + j]! - rate * gradient[from + j]!;
      });
    },
  };
};

/** Adam; `partial_rowwise_adam` keeps one second moment per row, that of the mean squared gradient. */
const adam: Maker<"adam" | "partial_rowwise_adam"> = (spec, table) => {
  const rowwise = spec.kind === "partial_rowwise_adam";
  const first = perElement(table, 0);
  const second = rowwise ? perRow(table) : perElement(table, 0);
  const { beta1, beta2, weightDecay } = spec;
  return {
    slots: { exp_avg: first, exp_avg_sq: second },
    update(learningRate, iteration) {
      const { values, gradient, dim } = table;
      const correction1 = 1 - beta1 ** iteration;
      const correction2 = 1 - beta2 ** iteration;
      const m = first.data;
      const v = second.data;
      forEachTouched(table, (at, from, row) => {
        if (rowwise) v[row] = beta2 * v[row]! + (1 - beta2) * meanSquare(gradient, from, dim);
        for (let j = 0; j < dim; j++) {
          const g = gradient[from + j]!;
          m[at + j] = beta1 * m[at + j]! + (1 - beta1) * g;
          if (!rowwise) v[at + j] = beta2 * v[at + j]! + (1 - beta2) * g * g;
          const scale = Math.sqrt(v[rowwise ? row : at + j]! / correction2) + epsilon;
          const step = m[at + j]! / correction1 / scale + weightDecay * values[at + j]!;
          values[at + j] = values[at + j]! - learningRate * step;
        }
      });
    },
  };
};

const makers: { readonly [K in Spec["kind"]]: Maker<K> } = {
  sgd,
  adagrad,
  rowwise_adagrad: rowwiseAdagrad,
  adam: adam as Maker<"adam">,
  partial_rowwise_adam: adam as Maker<"partial_rowwise_adam">,
};

function forEachTouched(table: EmbeddingTable, update: (at: number, from: number, row: number) => void): void {
  for (let i = 0; i < table.touchedCount; i++) {
    const row = table.touched[i]!;
    update(row * table.dim, i * table.dim, row);
  }
}

function meanSquare(gradient: Float32Array, from: number, dim: number): number {
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += gradient[from + j]! * gradient[from + j]!;
  return sum / dim;
}

function addScaled(
  to: Float32Array,
  at: number,
  source: Float32Array,
  from: number,
  count: number,
  scale: number,
): void {
  for (let j = 0; j < count; j++) to[at + j] = to[at + j]! + scale * source[from + j]!;
}

function perElement(table: EmbeddingTable, value: number) {
  return { shape: [table.rows, table.dim], data: new Float32Array(table.rows * table.dim).fill(value) };
}

function perRow(table: EmbeddingTable) {
  return { shape: [table.rows], data: new Float32Array(table.rows) };
}
