import { EngineError } from "../../../errors/index.js";
import type { Plan } from "../../../nn/plan/index.js";
import type { TrainingSpec } from "../../../spec/index.js";
import type { Weight, Weights } from "../../engine.js";
import { denseNames, fixedTables } from "../weights/model-arrays.js";
import type { EmbeddingTable } from "../weights/table.js";
import type { WeightStore } from "../weights/weight-store.js";
import { DenseUpdates, type Slot } from "./dense-updates.js";
import { learningRate } from "./learning-rate.js";
import { type SparseOptimizer, sparseOptimizer } from "./sparse-optimizer.js";

interface SparseEntry {
  readonly table: EmbeddingTable;
  readonly optimizer: SparseOptimizer;
}

export class Updates {
  readonly #training: TrainingSpec;
  readonly #dense: DenseUpdates;
  readonly #sparse: readonly SparseEntry[];
  readonly #fixed: readonly EmbeddingTable[];
  /** The epoch in which accumulation last started anew; `null` before the first update. */
  #startEpoch: number | null = null;

  /** @param owns whether these optimisers train a weight @throws EngineError or SpecError for unsupported settings */
  constructor(
    plan: Plan,
    store: WeightStore,
    averages: ReadonlyMap<string, Float32Array> = new Map(),
    owns: (name: string) => boolean = () => true,
  ) {
    const { training } = plan.spec;
    this.#training = training;
    const dense = new Set(denseNames(plan, store));
    const fixed = fixedTables(plan);
    const held = [...store.tables].filter(([, { name }]) => owns(name));
    const tables = held.flatMap(([table, each]) => (fixed.has(table) ? [] : [each]));
    this.#fixed = held.flatMap(([table, each]) => (fixed.has(table) ? [each] : []));
    const average = (name: string) => averages.get(name) ?? null;
    this.#dense = new DenseUpdates(training, [
      ...store.parameters
        .filter(({ name }) => owns(name))
        .map(({ name, shape, values }) => ({ name, shape, values, average: average(name), table: null })),
      ...tables
        .filter(({ name }) => dense.has(name))
        .map((table) => ({
          name: table.name,
          shape: [table.rows, table.dim],
          values: table.values,
          average: average(table.name),
          table,
        })),
    ]);
    this.#sparse = tables
      .filter(({ name }) => !dense.has(name))
      .map((table) => ({ table, optimizer: sparseOptimizer(training.sparse, table) }));
  }

  /**
   * Runs one update. As in TorchEasyRec, the tables' optimiser updates at every step, regardless of accumulation, but
   * its learning rate changes only when accumulation starts anew.
   * @param gradients by parameter name; missing ones are zero. They may be overwritten.
   * @param step number of steps before this one
   */
  apply(gradients: ReadonlyMap<string, Float32Array>, step: number, epoch: number): void {
    this.#dense.apply(gradients, step, epoch);
    for (const table of this.#fixed) table.clear();
    const { sparse, sparseLearningRate, gradientAccumulation } = this.#training;
    const since = step % gradientAccumulation;
    if (since === 0 || this.#startEpoch === null) this.#startEpoch = epoch;
    const rate =
      sparse.kind === "other" ? 0 : learningRate(sparseLearningRate, sparse.lr, step - since, this.#startEpoch);
    for (const { table, optimizer } of this.#sparse) {
      if (gradientAccumulation > 1) table.scaleGradient(1 / gradientAccumulation);
      optimizer.update(rate, step + 1);
      table.clear();
    }
  }

  /** FBGEMM clips a look-up's gradient, by absolute value, before it sums over rows with the same id; `null`: never. */
  rowGradientLimit(table: EmbeddingTable): number | null {
    const { sparse, gradientAccumulation } = this.#training;
    if (sparse.kind === "other" || sparse.maxGradient === null) return null;
    return this.#sparse.some((entry) => entry.table === table) ? sparse.maxGradient * gradientAccumulation : null;
  }

  read(): Map<string, Weight> {
    return new Map(this.#slots().map(({ name, shape, data }) => [name, { shape, data: data.slice() }]));
  }

  write(slots: Weights): void {
    for (const { name, data } of this.#slots()) {
      const slot = slots.get(name);
      if (slot === undefined || slot.data.length !== data.length) {
        throw new EngineError({
          path: `state.slots["${name}"]`,
          message: slot === undefined ? "missing in the optimiser state" : "the size differs from the model's",
          fix: "restore the state of an engine with the same model and optimisers",
        });
      }
    }
    for (const { name, data } of this.#slots()) data.set(slots.get(name)!.data);
  }

  #slots(): Slot[] {
    return [
      ...this.#dense.slots(),
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
