/** Counts the operations of a step's matrix products; a task's branch computes only the rows in the task's space. */
import type { Batch } from "../src/core/data/encoded/encoded.js";
import { modelSize } from "../src/core/nn/plan/size.js";
import type { ModelSpec, TowerSpec } from "../src/core/spec/model.js";

/** Floating-point operations of a training step on a batch; a multiply-add counts as two. */
export function stepFlops(spec: ModelSpec, batch: Batch): number {
  const rowsOf = new Map(spec.towers.map((tower) => [tower.name, rowsInSpace(tower, batch)]));
  return modelSize(spec).modules.reduce((sum, { module, trainingFlopsPerRow }) => {
    const task = module.slice(module.indexOf(".") + 1);
    return sum + trainingFlopsPerRow * (rowsOf.get(task) ?? batch.rows.length);
  }, 0);
}

/** Number of rows of a batch that a tower's branch computes. */
export function rowsInSpace({ taskSpace }: TowerSpec, { data, rows }: Batch): number {
  if (taskSpace === null || taskSpace.outWeight !== 0) return rows.length;
  const indicator = data.labels.get(taskSpace.indicatorLabel);
  return rows.reduce((count, row) => count + ((indicator?.[row] ?? 0) > 0 ? 1 : 0), 0);
}
