/** Updates the running statistics of batch norms after each step, like PyTorch. */
import { batchNorms, type Plan } from "../../../nn/plan/index.js";
import type { WeightStore } from "../weights/weight-store.js";

/** The weight of a new statistic (PyTorch's default). */
const momentum = 0.1;

/** The running variance is unbiased; non-finite statistics are ignored. @param longest positions by view */
export function moveStatistics(
  plan: Plan,
  store: Pick<WeightStore, "buffers">,
  outputs: ReadonlyMap<string, Float32Array>,
  rows: number,
  longest: ReadonlyMap<string, number>,
): void {
  const byName = new Map(store.buffers.map((buffer) => [buffer.name, buffer.values]));
  for (const { name, units, view } of batchNorms(plan)) {
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
