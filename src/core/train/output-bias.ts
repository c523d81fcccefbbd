/** Starts outputs at the label's rate, so that the first loss is the labels' entropy, even if positives are rare. */
import { type EncodedRows, measuredColumns } from "../data/encoded/streamed.js";
import type { Engine } from "../engine/engine.js";
import { planModel, towerName } from "../nn/plan/plan.js";
import { isBinary } from "../spec/model.js";
import { taskSpaceName } from "./measure/task-rows.js";
import { loadWeights } from "./saved/weights.js";

/** Sets the bias of each tower to the log odds of its label in its domain's rows; for amounts, to their mean. */
export async function startAtRates(engine: Engine, rows: EncodedRows): Promise<void> {
  const { labels, domains } = await measuredColumns(rows, new Set());
  const plan = planModel(engine.spec);
  const weights = new Map(await engine.weights());
  for (const { index, tower } of plan.tasks.filter((task) => task.tower.numClass === 1)) {
    const space = taskSpaceName(tower);
    const inside = space === null ? null : labels.get(space)!;
    const values = labels.get(tower.label)!;
    const sums = Array.from({ length: plan.towers }, () => ({ rows: 0, sum: 0 }));
    for (const [row, value] of values.entries()) {
      if (inside !== null && inside[row]! <= 0) continue;
      const sum = sums[plan.towers > 1 ? domains![row]! : 0]!;
      sum.rows++;
      sum.sum += isBinary(tower) && value > 0 ? 1 : value;
    }
    const all = sums.reduce((total, each) => ({ rows: total.rows + each.rows, sum: total.sum + each.sum }));
    if (all.rows === 0) continue;
    for (const [domain, { rows, sum }] of sums.entries()) {
      // Adds ten rows with the overall mean, so that a domain with few rows starts near it.
      const mean = (sum + (10 * all.sum) / all.rows) / (rows + 10);
      const bounded = Math.min(1 - 1e-6, Math.max(1e-6, mean));
      const bias = isBinary(tower) ? Math.log(bounded / (1 - bounded)) : mean;
      weights.set(`${towerName(plan, index, domain)}.linear.bias`, { shape: [1], data: Float32Array.of(bias) });
    }
  }
  await loadWeights(engine, weights);
}
