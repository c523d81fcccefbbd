import { trainedName } from "../../../nn/plan/index.js";
import {
  compilePattern,
  type DenseOptimizerSpec,
  type LearningRateSpec,
  type ParameterPattern,
  type PartOptimizerSpec,
  type TrainingSpec,
} from "../../../spec/index.js";
import { addInto } from "../simd/add-into.js";
import type { EmbeddingTable } from "../weights/table.js";
import { type DenseOptimizer, denseOptimizer } from "./dense-optimizer.js";
import { clipGradients } from "./gradient-clipping.js";
import { learningRate } from "./learning-rate.js";
import { moveAverage } from "./moving-average.js";

export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface DenseArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Its moving average, filled with the values until the first update; `null`: none. */
  readonly average: Float32Array | null;
  /** Set if the array is an embedding table with gradients by row. */
  readonly table: EmbeddingTable | null;
}

interface Entry extends DenseArray {
  readonly optimizer: DenseOptimizer;
  readonly spec: DenseOptimizerSpec;
  readonly schedule: LearningRateSpec;
  /** Sum of the gradients since the last update; `null` if each step is an update. */
  readonly sum: Float32Array | null;
}

interface Part {
  readonly part: PartOptimizerSpec;
  readonly pattern: ParameterPattern;
}

export class DenseUpdates {
  readonly #training: TrainingSpec;
  readonly #entries: readonly Entry[];

  constructor(training: TrainingSpec, arrays: readonly DenseArray[]) {
    this.#training = training;
    const parts = training.partOptimizers.map((part) => ({ part, pattern: compilePattern(part.pattern) }));
    this.#entries = arrays.map((array) => makeEntry(training, parts, array));
  }

  /**
   * Adds the gradients of a step, and updates after the last accumulated step. As in TorchEasyRec, schedules count
   * steps, optimisers count updates, and each gradient is divided by the number of accumulated steps.
   * @param gradients by name; missing ones are zero. They may be overwritten.
   * @param step number of steps before this one
   */
  apply(gradients: ReadonlyMap<string, Float32Array>, step: number, epoch: number): void {
    const { gradientAccumulation, gradClipping, emaDecay } = this.#training;
    const current = this.#entries.map((entry) => accumulated(entry, gradients, gradientAccumulation));
    for (const { table } of this.#entries) table?.clear();
    if ((step + 1) % gradientAccumulation !== 0) return;
    const updates = (step + 1) / gradientAccumulation;
    if (gradClipping !== null) clipGradients(current, gradClipping);
    this.#entries.forEach((entry, index) => {
      const rate = learningRate(entry.schedule, entry.spec.lr, step, epoch);
      entry.optimizer.update(entry.values, current[index]!, rate, updates);
      entry.sum?.fill(0);
      if (entry.average !== null) moveAverage(entry.average, entry.values, emaDecay!, updates);
    });
  }

  slots(): Slot[] {
    return this.#entries.flatMap(({ name, shape, optimizer, sum, average }) =>
      Object.entries({ ...optimizer.slots, gradient_sum: sum, ema: average }).flatMap(([slot, data]) =>
        data === null ? [] : [{ name: `${name}.${slot}`, shape, data }],
      ),
    );
  }
}

/** The optimiser of the first pattern that matches the whole name, else the dense optimiser. */
function makeEntry(training: TrainingSpec, parts: readonly Part[], array: DenseArray): Entry {
  const part = parts.find(({ pattern }) => pattern.matches(trainedName(array.name)))?.part;
  const spec = part?.optimizer ?? training.dense;
  const size = array.values.length;
  return {
    ...array,
    optimizer: denseOptimizer(spec, size),
    spec,
    schedule: part?.learningRate ?? training.denseLearningRate,
    sum: training.gradientAccumulation === 1 ? null : new Float32Array(size),
  };
}

function accumulated(entry: Entry, gradients: ReadonlyMap<string, Float32Array>, count: number): Float32Array {
  const { sum, values, table } = entry;
  const gradient = table === null ? gradients.get(entry.name) : wholeGradient(table);
  if (sum === null) return gradient ?? new Float32Array(values.length);
  if (gradient !== undefined) addInto(sum, gradient, 1 / count);
  return sum;
}

function wholeGradient(table: EmbeddingTable): Float32Array {
  const gradient = new Float32Array(table.rows * table.dim);
  for (let i = 0; i < table.touchedCount; i++) {
    const from = i * table.dim;
    gradient.set(table.gradient.subarray(from, from + table.dim), table.touched[i]! * table.dim);
  }
  return gradient;
}
