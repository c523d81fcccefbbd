/** The AUCs of a logistic regression on the same features, which a model should exceed. */
import { type EncodedRows, measuredColumns } from "../data/encoded/streamed.js";
import type { RowGroups } from "../data/summary/row-groups.js";
import type { AucFloor, Evaluation } from "../metrics/types.js";
import type { ModelSpec } from "../spec/model.js";
import { measurePredictions } from "./evaluate.js";
import { type LogisticRegression, logisticScores } from "./logistic-regression.js";

export type AucFloors = ReadonlyMap<string, AucFloor>;

export async function aucFloors(
  spec: ModelSpec,
  regression: LogisticRegression,
  rows: EncodedRows,
  by?: RowGroups,
): Promise<AucFloors> {
  const data = await measuredColumns(rows, new Set());
  const scores = await logisticScores(regression, rows);
  const towers = spec.towers
    .filter(({ name }) => scores.has(name))
    .map((tower) => ({ ...tower, numClass: 1, metrics: [] }));
  const predictions = towers.map(({ name }) => {
    const probabilities = scores.get(name)!;
    return { tower: name, probabilities, logits: probabilities };
  });
  const { tasks } = await measurePredictions({ ...spec, towers }, data, predictions, { by });
  return new Map(
    tasks.map(({ tower, overall, domains }) => [
      tower,
      {
        overall: overall.auc,
        domains: domains.map(({ auc }) => auc),
        penalty: penalty(regression.strengths.get(tower)),
      },
    ]),
  );
}

/** The text of the penalty that is added to the sum of the log losses. Runs that saved no strength used 1. */
function penalty(strength = 1): string {
  return strength === 1 ? "½‖w‖²" : `½‖w‖²/C, C = ${strength}`;
}

export function withFloors(evaluation: Evaluation, floors: AucFloors): Evaluation {
  const tasks = evaluation.tasks.map((task) => {
    const floor = floors.get(task.tower);
    return floor === undefined ? task : { ...task, floor };
  });
  return { ...evaluation, tasks };
}
