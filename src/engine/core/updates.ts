/** What a training spec does to the weights after each step: optimisers, schedules, who trains what. */
import { EngineError } from "../../errors/index.js";
import type { Plan } from "../../nn/plan.js";
import type { DenseOptimizerSpec, LearningRateSpec, TrainingSpec } from "../../spec/index.js";
import type { Weight, Weights } from "../engine.js";
import { type DenseOptimizer, denseOptimizer } from "./dense-optimizer.js";
import { learningRate } from "./learning-rate.js";
import { type SparseOptimizer, sparseOptimizer } from "./sparse-optimizer.js";
import type { EmbeddingTable } from "./table.js";
import type { WeightStore } from "./weight-store.js";

/**
 * TorchEasyRec's planner gives tables of up to about this many rows to the dense optimiser (measured with 1.3.16 on
 * the CPU: 200 rows went dense, 800 did not).
 */
export const plannerDenseRows = 200;

/** A dense array under a dense optimiser. */
interface DenseEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Set where the array is an embedding table whose gradient comes by row. */
  readonly table: EmbeddingTable | null;
  readonly optimizer: DenseOptimizer;
  readonly spec: DenseOptimizerSpec;
  readonly schedule: LearningRateSpec;
}

interface SparseEntry {
  readonly table: EmbeddingTable;
  readonly optimizer: SparseOptimizer;
}

/** The optimisers of a model and their state. */
export class Updates {
  readonly #training: TrainingSpec;
  readonly #dense: readonly DenseEntry[];
  readonly #sparse: readonly SparseEntry[];

  /** @throws EngineError naming what this engine does not compute. */
  constructor(plan: Plan, store: WeightStore) {
    const training = plan.spec.training;
    refuse(training);
    this.#training = training;
    const tables = [...store.tables.values()];
    const isDense = (table: EmbeddingTable) =>
      training.tablePlacement === "dense" || (training.tablePlacement === "planner" && table.rows <= plannerDenseRows);
    this.#dense = [
      ...store.parameters.map((p) => denseEntry(training, p.name, p.shape, p.values, null)),
      ...tables.filter(isDense).map((t) => denseEntry(training, t.name, [t.rows, t.dim], t.values, t)),
    ];
    this.#sparse = tables
      .filter((table) => !isDense(table))
      .map((table) => ({ table, optimizer: sparseOptimizer(training.sparse, table) }));
  }

  /**
   * One update.
   * @param gradients by parameter name; one that is missing is zero
   * @param step updates done before this one
   */
  apply(gradients: ReadonlyMap<string, Float32Array>, step: number, epoch: number): void {
    for (const entry of this.#dense) {
      const gradient = entry.table === null ? gradients.get(entry.name) : denseGradient(entry.table);
      const rate = learningRate(entry.schedule, entry.spec.lr, step, epoch);
      entry.optimizer.update(entry.values, gradient ?? new Float32Array(entry.values.length), rate, step + 1);
      entry.table?.clear();
    }
    const { sparse, sparseLearningRate } = this.#training;
    const rate = sparse.kind === "other" ? 0 : learningRate(sparseLearningRate, sparse.lr, step, epoch);
    for (const { table, optimizer } of this.#sparse) {
      optimizer.update(rate, step + 1);
      table.clear();
    }
  }

  /** A copy of the optimisers' state, by `{weight}.{slot}`. */
  read(): Map<string, Weight> {
    return new Map(this.#slots().map(({ name, shape, data }) => [name, { shape, data: data.slice() }]));
  }

  /** Overwrites the optimisers' state. */
  write(slots: Weights): void {
    for (const { name, data } of this.#slots()) {
      const given = slots.get(name);
      if (given === undefined || given.data.length !== data.length) {
        throw new EngineError({
          path: `state.slots["${name}"]`,
          message: given === undefined ? "the optimiser state lacks this" : "the size is another",
          fix: "restore a state of an engine with the same model and optimisers",
        });
      }
    }
    for (const { name, data } of this.#slots()) data.set((slots.get(name) as Weight).data);
  }

  #slots(): { name: string; shape: readonly number[]; data: Float32Array }[] {
    return [
      ...this.#dense.flatMap(({ name, shape, optimizer }) =>
        Object.entries(optimizer.slots).map(([slot, data]) => ({ name: `${name}.${slot}`, shape, data })),
      ),
      ...this.#sparse.flatMap(({ table, optimizer }) =>
        Object.entries(optimizer.slots).map(([slot, { shape, data }]) => ({
          name: `${table.name}.${slot}`,
          shape,
          data,
        })),
      ),
    ];
  }
}

/** The optimiser of the first pattern that matches the whole name, else the dense one. */
function denseEntry(
  training: TrainingSpec,
  name: string,
  shape: readonly number[],
  values: Float32Array,
  table: EmbeddingTable | null,
): DenseEntry {
  const part = training.partOptimizers.find(({ pattern }) => new RegExp(`^(?:${pattern})$`).test(name));
  const spec = part?.optimizer ?? training.dense;
  const schedule = part?.learningRate ?? training.denseLearningRate;
  return { name, shape, values, table, optimizer: denseOptimizer(spec, values.length), spec, schedule };
}

/** The gradient of a whole table, zero in untouched rows. */
function denseGradient(table: EmbeddingTable): Float32Array {
  const gradient = new Float32Array(table.rows * table.dim);
  for (let i = 0; i < table.touchedCount; i++) {
    const from = i * table.dim;
    gradient.set(table.gradient.subarray(from, from + table.dim), (table.touched[i] as number) * table.dim);
  }
  return gradient;
}

function refuse(training: TrainingSpec): void {
  const problems = [];
  const message = "this engine does not do this yet";
  if (training.gradientAccumulation > 1) {
    problems.push({
      path: "training.gradientAccumulation",
      message,
      received: String(training.gradientAccumulation),
      fix: "set it to 1",
    });
  }
  if (training.gradClipping !== null) problems.push({ path: "training.gradClipping", message, fix: "leave it out" });
  if (training.emaDecay !== null) {
    problems.push({ path: "training.emaDecay", message, received: String(training.emaDecay), fix: "leave it out" });
  }
  if (problems.length > 0) throw new EngineError(problems);
}
