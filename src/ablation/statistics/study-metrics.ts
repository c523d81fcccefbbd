import { exactAuc, type WeightedMetric, weightedAuc, weightedRatio } from "../../metrics/index.js";
import { isBinary, type TowerSpec } from "../../spec/index.js";
import { positiveScores } from "../../train/index.js";

/** Lower is better for `logLoss` and `meanSquaredError`. */
export type StudyMetric = "auc" | "groupedAuc" | "logLoss" | "meanSquaredError";

export interface ScoredRows {
  /** [all rows, numClass] */
  readonly probabilities: Float32Array;
  /** [all rows] */
  readonly labels: Float32Array;
  /** [all rows]; `null`: not known. */
  readonly users: Int32Array | null;
  readonly rows: Int32Array;
}

/** Lower bound of probabilities: 0 would make one row's loss infinite; float32 distinguishes 1e-7 from 0. */
const least = 1e-7;

/** The metrics that a task has; the first is the default for comparisons. */
export function studyMetrics(tower: TowerSpec, scored: ScoredRows): [StudyMetric, WeightedMetric][] {
  const { probabilities, labels, users, rows } = scored;
  if (isBinary(tower)) {
    const scores = positiveScores(tower, probabilities);
    const loss = meanOver((row) => surprise(labels[row]! > 0 ? scores[row] : 1 - scores[row]!), rows);
    const grouped = users === null ? null : groupedAucOf(scores, labels, users, rows);
    return [
      ["auc", weightedAuc(scores, labels, rows)],
      ...(grouped === null ? [] : [["groupedAuc", grouped] as [StudyMetric, WeightedMetric]]),
      ["logLoss", loss],
    ];
  }
  const { numClass } = tower;
  if (numClass > 1) {
    return [["logLoss", meanOver((row) => surprise(probabilities[row * numClass + labels[row]!]), rows)]];
  }
  return [["meanSquaredError", meanOver((row) => (probabilities[row]! - labels[row]!) ** 2, rows)]];
}

function surprise(probability: number | undefined): number {
  return -Math.log(Math.min(1 - least, Math.max(least, probability!)));
}

function meanOver(value: (row: number) => number, rows: Int32Array): WeightedMetric {
  return weightedRatio(value, () => 1, rows);
}

/** The mean AUC of users with both classes; users are drawn whole, so each counts as often as it is drawn. */
function groupedAucOf(scores: Float32Array, labels: Float32Array, users: Int32Array, rows: Int32Array): WeightedMetric {
  const rowsOf = new Map<number, number[]>();
  for (const row of rows) {
    const user = users[row]!;
    const userRows = rowsOf.get(user);
    if (userRows === undefined) rowsOf.set(user, [row]);
    else userRows.push(row);
  }
  const of = (values: Float32Array, rows: readonly number[]) => Float32Array.from(rows, (row) => values[row]!);
  const aucByRow = new Map<number, number>();
  for (const userRows of rowsOf.values()) {
    const auc = exactAuc(of(scores, userRows), of(labels, userRows));
    if (auc !== null) aucByRow.set(userRows[0]!, auc);
  }
  return weightedRatio(
    (row) => aucByRow.get(row)!,
    () => 1,
    Int32Array.from(aucByRow.keys()),
  );
}
