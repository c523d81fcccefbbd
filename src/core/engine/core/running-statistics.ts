/** The running means and variances of batch norm, which training moves towards those of each batch. */
import { batchNorms } from "../../nn/plan/parameters.js";
import type { Plan } from "../../nn/plan/plan.js";
import { sum } from "../../util/numbers.js";
import type { WeightStore } from "./weight-store.js";

/** The weight of a new statistic (PyTorch's default). */
const momentum = 0.1;

/**
 * Moves the running statistics towards those of a batch. The variance is unbiased; non-finite statistics, and those of
 * a domain with fewer than two rows, are ignored.
 * @param sizes rows by domain @param longest positions by view
 */
export function moveStatistics(
  plan: Plan,
  store: Pick<WeightStore, "buffers">,
  outputs: ReadonlyMap<string, Float32Array>,
  sizes: readonly number[],
  longest: ReadonlyMap<string, number>,
): void {
  const byName = new Map(store.buffers.map((buffer) => [buffer.name, buffer.values]));
  for (const { name, units, view, domain } of batchNorms(plan)) {
    const rows = domain === null ? sum(sizes) : sizes[domain]!;
    if (domain !== null && rows < 2) continue;
    const count = view === null ? rows : rows * (longest.get(view) ?? 1);
    const mean = byName.get(`${name}.running_mean`)!;
    const variance = byName.get(`${name}.running_var`)!;
    const batchMean = outputs.get(`${name}.mean`)!;
    const batchVariance = outputs.get(`${name}.variance`)!;
    if (!batchMean.every(Number.isFinite) || !batchVariance.every(Number.isFinite)) continue;
    for (let i = 0; i < units; i++) {
      mean[i] = (1 - momentum) * mean[i]! + momentum * batchMean[i]!;
      variance[i] = (1 - momentum) * variance[i]! + (momentum * batchVariance[i]! * count) / (count - 1);
    }
    const batches = byName.get(`${name}.num_batches_tracked`)!;
    batches[0] = batches[0]! + 1;
  }
}
