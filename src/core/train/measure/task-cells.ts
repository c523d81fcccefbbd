/** The cells of an evaluation (tasks by domain), with bootstrap draws of their metrics. */
import { type CellDraws, drawCells } from "../../metrics/intervals/cell-intervals.js";
import { effectiveUsers } from "../../metrics/intervals/clusters.js";
import {
  binaryCell,
  type CellRows,
  type DrawnCell,
  meansCell,
  pointClassLogLoss,
  topKAccuracy,
} from "../../metrics/intervals/drawn-cell.js";
import { fewestForInterval } from "../../metrics/intervals/normal.js";
import type { Evaluation, MetricName, TaskMetrics } from "../../metrics/types.js";
import { isBinary, type TowerSpec } from "../../spec/model.js";
import { Numbering } from "../../util/growing.js";
import { countPositives } from "../../util/numbers.js";
import { random } from "../../util/random.js";
import { fixed } from "../../util/text.js";
import type { Work } from "../../util/turns.js";
import { cellRows, type MeasureRequest, positiveScores } from "./task-rows.js";

export interface MeasuredModel {
  readonly evaluation: Evaluation;
  readonly probabilities: readonly Float32Array[];
}

export interface TaskCell {
  readonly task: number;
  /** 0 for all rows, then the domains from 1. */
  readonly part: number;
  readonly tower: TowerSpec;
  readonly rows: Int32Array;
  readonly labels: Float32Array;
  readonly metrics: readonly TaskMetrics[];
  /** The draws by model; `null` if there is a `gap`. */
  readonly draws: readonly CellDraws[] | null;
  readonly fewest: number;
  /** The reason for missing draws, such as "3 positive rows are too few". */
  readonly gap: string | null;
}

/** Draws rows or users for the cells of all tasks. @param ranksOnly by task: scores are not probabilities */
export function* drawnTaskCells(
  { towers, columns, users }: Omit<MeasureRequest, "intervals">,
  models: readonly MeasuredModel[],
  ranksOnly: readonly boolean[],
  { draws, seed }: { readonly draws: number; readonly seed: number },
): Work<{ readonly cells: readonly TaskCell[]; readonly sampledRows: number | null }> {
  const codes = users?.codes ?? null;
  const rows = towers.map((tower) => cellRows(tower, columns, models[0]!.evaluation.domainNames.length));
  const units = drawUnits(columns.rows, codes, rows.flat(), seed, drawnRows / models.length);
  const cells: (Omit<TaskCell, "draws"> & { readonly drawnCells: readonly DrawnCell[]; readonly share: number })[] = [];
  for (const [task, tower] of towers.entries()) {
    const labels = columns.labels.get(tower.label)!;
    for (const [part, partRows] of rows[task]!.entries()) {
      const sample: CellRows = { rows: units.cells[cells.length]!, labels, units: units.of };
      const { fewest, gap } = cellSize(tower, sample, codes !== null);
      const drawnCells = models.map(({ probabilities }) =>
        gap === null ? drawnCell(tower, probabilities[task]!, ranksOnly[task] ?? false, sample, codes) : null,
      );
      const whole = drawnCells.filter((cell) => cell !== null);
      const isWhole = whole.length === models.length;
      cells.push({
        task,
        part,
        tower,
        rows: partRows,
        labels,
        fewest,
        metrics: models.map(({ evaluation }) => cellMetrics(evaluation, task, part)),
        gap: gap ?? (isWhole ? null : "a prediction is NaN"),
        drawnCells: isWhole ? whole : [],
        share: sample.rows.length / partRows.length,
      });
      yield;
    }
  }
  const all = yield* drawCells(
    cells.flatMap(({ drawnCells }) => drawnCells),
    { units: units.count, draws, seed },
  );
  let next = 0;
  const rescaledCells = cells.map(({ drawnCells, share, ...cell }): TaskCell => {
    const rescaledDraws = drawnCells.map((model, at) =>
      rescaled(model, all[next++]!, cell.metrics[at]!, units.count, share),
    );
    return { ...cell, draws: drawnCells.length === 0 ? null : rescaledDraws };
  });
  return { cells: rescaledCells, sampledRows: units.sampledRows };
}

function cellMetrics({ tasks }: Evaluation, task: number, part: number): TaskMetrics {
  const { overall, domains } = tasks[task]!;
  return part === 0 ? overall : domains[part - 1]!;
}

function cellSize(tower: TowerSpec, { rows, labels, units }: CellRows, withUsers: boolean) {
  const positives = countPositives(labels, rows);
  const counts: [string, number][] = isBinary(tower)
    ? [
        ["positive rows", positives],
        ["negative rows", rows.length - positives],
      ]
    : [["rows", rows.length]];
  const sizes = withUsers ? userSizes(rows, units) : [];
  if (withUsers) counts.push(["users", effectiveUsers(sizes)]);
  const [what, fewest] = counts.reduce((least, count) => (count[1] < least[1] ? count : least));
  const heavy = what === "users" && sizes.length - fewest >= 0.5 ? `, whose rows count as ${fixed(fewest, 1)},` : "";
  const size = what === "users" ? sizes.length : fewest;
  return { fewest, gap: fewest < fewestForInterval ? `${size} ${what}${heavy} are too few` : null };
}

/** Rows of each user. */
function userSizes(rows: Int32Array, units: Int32Array): number[] {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(units[row]!, (counts.get(units[row]!) ?? 0) + 1);
  return [...counts.values()];
}

export function drawnMetrics(tower: TowerSpec, withUsers: boolean, ranksOnly = false): MetricName[] {
  if (isBinary(tower)) {
    const ranks: MetricName[] = ["auc", ...(withUsers ? (["groupedAuc"] as const) : [])];
    return ranksOnly ? ranks : [...ranks, "logLoss", "normalizedEntropy", "calibration", "expectedCalibrationError"];
  }
  return tower.numClass > 1
    ? ["logLoss", "accuracy"]
    : ["meanAbsoluteError", "meanSquaredError", "rootMeanSquaredError"];
}

/** The cell to draw; `null` if a prediction is NaN. */
function drawnCell(
  tower: TowerSpec,
  probabilities: Float32Array,
  ranksOnly: boolean,
  cell: CellRows,
  users: Int32Array | null,
): DrawnCell | null {
  const { numClass } = tower;
  const isNaNRow = (row: number): boolean => {
    for (let k = 0; k < numClass; k++) if (Number.isNaN(probabilities[row * numClass + k]!)) return true;
    return false;
  };
  if (cell.rows.some(isNaNRow)) return null;
  if (isBinary(tower)) return binaryCell(cell, positiveScores(tower, probabilities), users, !ranksOnly);
  const values = (of: (row: number) => number): Float64Array => Float64Array.from(cell.rows).map((row) => of(row));
  if (numClass === 1) {
    const error = values((row) => Math.abs(probabilities[row]! - cell.labels[row]!));
    const squared = error.map((value) => value ** 2);
    return meansCell(cell, { meanAbsoluteError: error, meanSquaredError: squared, rootMeanSquaredError: squared });
  }
  const rowClasses = (row: number): Float32Array => probabilities.subarray(row * numClass, (row + 1) * numClass);
  return meansCell(cell, {
    logLoss: values((row) => pointClassLogLoss(rowClasses(row), cell.labels[row]!)),
    accuracy: values((row) => topKAccuracy(rowClasses(row), cell.labels.subarray(row, row + 1))!),
  });
}

/** Rescales a sample's draws to all rows: centred at their value, and narrower by their larger number. */
function rescaled(
  cell: DrawnCell,
  draws: CellDraws,
  values: Readonly<Partial<Record<MetricName, number | null>>>,
  units: number,
  share: number,
): CellDraws {
  if (share >= 1) return draws;
  const sampled = new Float64Array(cell.names.length);
  cell.measure(new Uint8Array(units).fill(1), sampled);
  const closer = Math.sqrt(share);
  return new Map(
    cell.names.map((name, place) => {
      const center = name === "calibrationNoise" ? 0 : (values[name] ?? Number.NaN);
      const from = name === "calibrationNoise" ? 0 : sampled[place]!;
      return [name, draws.get(name)!.map((draw) => center + (draw - from) * closer)];
    }),
  );
}

/** The most rows of all cells together per draw; larger cells are sampled down to their share. */
const drawnRows = 4_000_000;

interface DrawUnits {
  readonly count: number;
  /** The unit of each row, by row number; negative if the row is in no cell's sample. */
  readonly of: Int32Array;
  readonly cells: readonly Int32Array[];
  /** The maximum number of rows of a sampled cell; `null`: no cell is sampled. */
  readonly sampledRows: number | null;
}

/** @param users by row number; each negative row counts as a separate user; `null`: rows are drawn */
export function drawUnits(
  rows: number,
  users: Int32Array | null,
  cells: readonly Int32Array[],
  seed: number,
  most: number = drawnRows,
): DrawUnits {
  const { of, count } = numberUnits(rows, users);
  const share = fairShare(
    cells.map((cell) => cell.length),
    most,
  );
  if (cells.every((cell) => cell.length <= share)) return { count, of, cells, sampledRows: null };
  const chances = Float32Array.from({ length: count }, random(seed).fork("bootstrap sample").uniform);
  const sampledCells = cells.map((cell) =>
    cell.length <= share ? cell : cell.filter((row) => chances[of[row]!]! * cell.length < share),
  );
  return { ...renumbered(of, sampledCells), cells: sampledCells, sampledRows: share };
}

function numberUnits(rows: number, users: Int32Array | null): { of: Int32Array; count: number } {
  const of = new Int32Array(rows);
  let count = users === null ? 0 : users.reduce((most, user) => Math.max(most, user + 1), 0);
  for (let row = 0; row < rows; row++) {
    const user = users === null ? -1 : users[row]!;
    of[row] = user >= 0 ? user : count++;
  }
  return { of, count };
}

function fairShare(sizes: readonly number[], most: number): number {
  const ascending = [...sizes].sort((a, b) => a - b);
  let left = most;
  for (const [place, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - place));
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

function renumbered(units: Int32Array, cells: readonly Int32Array[]): { of: Int32Array; count: number } {
  const numbers = new Numbering<number>();
  const of = new Int32Array(units.length).fill(-1);
  for (const cell of cells) for (const row of cell) of[row] = numbers.of(units[row]!);
  return { of, count: numbers.values.length };
}
