/** Learning-rate schedules (TorchEasyRec `optim/lr_scheduler`). */
import { EngineError } from "../../errors/index.js";
import type { LearningRateSpec, SparseOptimizerSpec, TrainingSpec } from "../../spec/training.js";
import type { LearningRates } from "../engine.js";
import { addScaled } from "./groups.js";
import { type EmbeddingTable, preload, preloadRows } from "./weight-store.js";

/**
 * The rate of a step; a base of 0 stays 0 under every schedule.
 * @param step steps before this one
 * @param epoch epochs before this one
 */
export function learningRate(schedule: LearningRateSpec, base: number, step: number, epoch: number): number {
  if (schedule.kind === "constant" || base === 0) return base;
  const done = schedule.byEpoch ? Math.floor(epoch) : step;
  if (schedule.kind === "manual_step") return manualStep(schedule, base, done);
  const { warmupSize, warmupLearningRate, minLearningRate } = schedule;
  if (done < warmupSize) return warmupLearningRate + ((base - warmupLearningRate) * done) / warmupSize;
  const since = done - warmupSize;
  if (schedule.kind === "exponential_decay") {
    const periods = since / schedule.decaySize;
    const decay = schedule.decayFactor ** (schedule.staircase ? Math.floor(periods) : periods);
    return Math.max(base * decay, minLearningRate);
  }
  if (schedule.kind === "cosine_annealing")
    return cosine(base, minLearningRate, Math.min(since, schedule.tMax), schedule.tMax);
  const { place, period } = restart(since, schedule.t0, schedule.tMult);
  return cosine(base, minLearningRate, place, period);
}

export function learningRates(training: TrainingSpec, step: number, epoch: number): LearningRates {
  const { sparse, dense, partOptimizers, gradientAccumulation } = training;
  const base = sparse.kind === "other" ? 0 : sparse.lr;
  return {
    sparse: learningRate(training.sparseLearningRate, base, step - (step % gradientAccumulation), epoch),
    dense: learningRate(training.denseLearningRate, dense.lr, step, epoch),
    ...Object.fromEntries(
      partOptimizers.map((part) => [part.pattern, learningRate(part.learningRate, part.optimizer.lr, step, epoch)]),
    ),
  };
}

type ManualStep = Extract<LearningRateSpec, { kind: "manual_step" }>;

/** The rate of the last boundary before `done`; at a boundary the previous rate still applies. */
function manualStep(schedule: ManualStep, base: number, done: number): number {
  const passed = schedule.scheduleSizes.filter((size) => size < done).length;
  if (passed > 0) return schedule.learningRates[passed - 1] ?? base;
  const [firstSize] = schedule.scheduleSizes;
  const [firstRate] = schedule.learningRates;
  if (!schedule.warmup || firstSize === undefined || firstRate === undefined) return base;
  return base + ((firstRate - base) * done) / firstSize;
}

function cosine(base: number, min: number, place: number, period: number): number {
  return min + (base - min) * 0.5 * (1 + Math.cos((Math.PI * place) / period));
}

/** The position in the current period; each period is `factor` times as long as the previous one. */
function restart(since: number, firstPeriod: number, factor: number): { place: number; period: number } {
  if (factor === 1) return { place: since % firstPeriod, period: firstPeriod };
  let place = since;
  let period = firstPeriod;
  while (place >= period) {
    place -= period;
    period *= factor;
  }
  return { place, period };
}

/** Formulas and defaults are those of FBGEMM's table-batched embeddings, which TorchEasyRec uses. */

export interface SparseOptimizer {
  /** The state by slot name, such as `sum`: [rows, dim], or [rows] with one value per row. */
  readonly slots: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
  /** Updates the touched rows by their summed gradient and may overwrite it. `iteration` counts from 1. */
  update(learningRate: number, iteration: number): void;
}

/** FBGEMM's CPU kernels ignore the weight decay of row-wise Adagrad. */
export function sparseAsThere({ sparse, like }: Pick<TrainingSpec, "sparse" | "like">): SparseOptimizerSpec {
  if (like !== "torcheasyrec" || sparse.kind !== "rowwise_adagrad") return sparse;
  return { ...sparse, weightDecayMode: "NONE" };
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
    const { values, gradient, dim } = table;
    forEachTouched(table, (at, from) => addScaled(values, at, gradient, from, dim, -learningRate));
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
        if (keep === 1) addScaled(values, at, gradient, from, dim, -rate);
        else for (let j = 0; j < dim; j++) values[at + j] = keep * values[at + j]! - rate * gradient[from + j]!;
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
  const { values, dim, touched, touchedCount } = table;
  for (let i = 0; i < touchedCount; i++) {
    if (i % preloadRows === 0) preload(values, dim, touched.subarray(i), Math.min(preloadRows, touchedCount - i));
    const row = touched[i]!;
    update(row * dim, i * dim, row);
  }
}

function meanSquare(gradient: Float32Array, from: number, dim: number): number {
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += gradient[from + j]! * gradient[from + j]!;
  return sum / dim;
}

function perElement(table: EmbeddingTable, value: number) {
  return { shape: [table.rows, table.dim], data: new Float32Array(table.rows * table.dim).fill(value) };
}

function perRow(table: EmbeddingTable) {
  return { shape: [table.rows], data: new Float32Array(table.rows) };
}
