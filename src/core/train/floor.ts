/** The AUCs of a logistic regression on the same features, which a model should exceed. */
import { type EncodedRows, measuredColumns } from "../data/encoded/streamed.js";
import type { RowGroups } from "../data/summary/row-groups.js";
import type { AucFloor, Evaluation } from "../metrics/types.js";
import { modelSize } from "../nn/plan/size.js";
import { type ModelSpec, usedFeatures } from "../spec/model.js";
import { count, grouped, signed } from "../util/text.js";
import { measurePredictions } from "./evaluate.js";
import { type LogisticRegression, logisticScores } from "./logistic-regression.js";

export type AucFloors = ReadonlyMap<string, AucFloor>;

/** The share of a training's work that its floor may take. */
export const floorShare: number = 1 / 5;
/** About a fifth of a second, which is not noticeable even beside the shortest training. */
const leastVisits = 1e7;
/** What a row costs in a training and in a round of the regression, in nanoseconds: `.step-cpu-ms` and `.floor-share` of `npm run bench -- scale-features`. */
const costs = { row: 2000, feature: 700, flop: 0.01, visit: 15 };

/** The most work of a floor beside a training. @param rows that the training goes through, in all epochs */
export function floorBudget(spec: ModelSpec, rows: number): number {
  const { trainingFlopsPerRow } = modelSize(spec);
  const row = costs.row + costs.feature * usedFeatures(spec).size + costs.flop * trainingFlopsPerRow;
  return Math.max(leastVisits, (floorShare * rows * row) / costs.visit);
}

/** A duality gap below this changes an AUC by less than its third digit. */
const leastGap = 1e-4;

/**
 * How far the floor is from one that uses all rows and reaches its minimum.
 * @param budget of its work
 * @param half its AUCs on half as many rows; `null`: unknown
 */
export function floorNotes(
  { extent }: LogisticRegression,
  budget: number,
  floors: AucFloors | null,
  half: AucFloors | null,
): string[] {
  if (extent === null) return [];
  const [isBound, { rows, of, gaps }] = [Number.isFinite(budget), extent];
  const bound = isBound ? ", so that it takes at most a fifth of the training" : "";
  if (rows < of) {
    const changes = [...(floors ?? [])].flatMap(([tower, { overall }]) => {
      const other = half?.get(tower)?.overall;
      return overall == null || other == null ? [] : [`${tower} ${signed(other - overall)}`];
    });
    const change = changes.length === 0 ? "" : `; half as many change its AUC by ${changes.join(", ")}`;
    const fix = isBound ? ": fit(train, { floor: true }) has no such limit" : "";
    return [`the logistic regression beside AUC has ${grouped(rows)} of ${count(of, "row")}${bound}${change}${fix}`];
  }
  const early = [...gaps].filter(([, gap]) => gap > leastGap);
  if (early.length === 0 || !isBound) return [];
  const falls = early.map(([tower, gap]) => `${tower} ${gap.toPrecision(1)}`).join(", ");
  return [
    `the logistic regression beside AUC ended early${bound}; its log loss may fall by (a row) ${falls}: fit(train, { floor: true }) goes on`,
  ];
}

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
        ...(regression.extent && { rows: regression.extent.rows, of: regression.extent.of }),
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
