/**
 * Recalibrates a trained model by a line of its logits per task and domain, which becomes part of the towers' last
 * layers.
 */
import { type EncodedRows, measuredColumns } from "../data/encoded/streamed.js";
import type { Engine, Weight, Weights } from "../engine/engine.js";
import { DataError, SpecError } from "../errors/index.js";
import type { CalibrationReport } from "../metrics/calibration-curve.js";
import type { TaskCells } from "../metrics/curve-types.js";
import { type Influenced, meanInfluence, simultaneousIntervals } from "../metrics/influence.js";
import type { Interval } from "../metrics/intervals/bootstrap.js";
import { crossPlatt, type PlattLine, plattLines } from "../metrics/platt.js";
import { type Plan, planModel, type TaskPlan, towerName } from "../nn/plan/plan.js";
import { isBinary, listDomainNames } from "../spec/model.js";
import { countPositives, logitLoss, sigmoid } from "../util/numbers.js";
import { inTurns } from "../util/turns.js";
import { measurement, type Predictions, predict } from "./evaluate.js";
import { measureAside } from "./measure/measure-aside.js";
import { cellRows, drawnUsers, type MeasuredColumns, taskSpaceName, type UserColumn } from "./measure/task-rows.js";

/** The line of some rows' logits, and its gain on rows that it was not fitted to. */
export interface RecalibratedRows {
  readonly rows: number;
  /** The line; `null` if these rows have the line of all rows of the task. */
  readonly line: PlattLine | null;
  /**
   * Log loss after minus before, from lines fitted to other rows (of other users). The intervals over all rows hold at once in
   * 96% of recalibrations, those of domains in 99%, and so all of them in 95%.
   */
  readonly logLoss: Interval;
}

/** The recalibration of a task. */
export type RecalibratedTask = TaskCells<RecalibratedRows>;

/** The result of `run.recalibrate()`. */
export interface Recalibration {
  /** A line per task and domain, or per task. */
  readonly by: "domain" | "all";
  readonly rows: number;
  /** The column whose users are kept whole in each fifth, and are the units of intervals; `null`: rows. */
  readonly user: string | null;
  readonly domainNames: readonly string[];
  readonly tasks: readonly RecalibratedTask[];
  /** The tasks without a line, and why. */
  readonly gaps: readonly string[];
  readonly before: CalibrationReport;
  /** The calibration afterwards, from lines that were fitted to other rows. */
  readonly after: CalibrationReport;
}

/** The main question is about all rows; domains have a fifth of the error probability of 5%, as in studies. */
export const recalibrationLevels = { overall: 0.96, domains: 0.99 } as const;

/** The fewest rows of the rarer class; a line of fewer would be noise. */
const fewestRows = 10;

/** Fits the lines. @returns the weights with the lines of all rows */
export async function recalibrated(
  engine: Engine,
  data: EncodedRows,
  choice: Recalibration["by"] | undefined,
  users: UserColumn | null,
): Promise<{ readonly report: Recalibration; readonly weights: Weights }> {
  const { spec } = engine;
  const plan = planModel(spec);
  const by = linesBy(plan, choice);
  const columns = await measuredColumns(data, new Set());
  const predictions = await predict(engine, data);
  const units = users && drawnUsers(users);
  const tries = plan.tasks.map((task) => fitLines(plan, task, { by, columns, predictions, units }));
  const fits = tries.filter((each) => typeof each !== "string");
  const measure = (some: readonly Predictions[]): Promise<CalibrationReport> =>
    measureAside("calibration", { ...measurement(spec, columns, some, { users }), options: {} });
  const after = predictions.map((each, index) => {
    const logits = fits.find(({ task }) => task.index === index)?.after;
    return logits ? { ...each, logits, probabilities: logits.map(sigmoid) } : each;
  });
  const report = {
    by,
    rows: data.rows,
    user: users?.name ?? null,
    domainNames: listDomainNames(spec),
    tasks: await recalibratedTasks(fits, by, units, spec.training.seed),
    gaps: tries.filter((each) => typeof each === "string"),
    before: await measure(predictions),
    after: await measure(after),
  };
  return { report, weights: movedWeights(plan, await engine.weights(), fits, by) };
}

/** One line per domain if domains have separate towers, otherwise one line per task. @throws SpecError for other models */
function linesBy(plan: Plan, choice: Recalibration["by"] | undefined): Recalibration["by"] {
  if (plan.star !== null) {
    const message = "a STAR has no last layer that could hold a line: its auxiliary network adds to the logit";
    throw new SpecError({ path: "run.recalibrate", message, fix: "recalibrate the predictions outside the model" });
  }
  const by = choice ?? (plan.towers > 1 ? "domain" : "all");
  if (by !== "all" && (by !== "domain" || plan.towers === 1)) {
    const message = "must be a line a task, or a line a domain if domains have towers of their own";
    const fix = 'run.recalibrate(data, { by: "all" })';
    throw new SpecError({ path: "run.recalibrate: by", message, received: JSON.stringify(by), fix });
  }
  return by;
}

/** What lines are fitted on. */
interface LineGround {
  readonly by: Recalibration["by"];
  readonly columns: MeasuredColumns;
  readonly predictions: readonly Predictions[];
  readonly units: Int32Array | null;
}

/** The lines of a task: over all rows, then by domain if `by` says so. */
interface LineFit {
  readonly task: TaskPlan;
  readonly lines: readonly PlattLine[];
  /** [rows]: from lines fitted to other rows. */
  readonly after: Float32Array;
  /** Over all rows, then by domain. */
  readonly cells: readonly { readonly rows: Int32Array; readonly change: Influenced | null }[];
}

/** @returns why the task stays unchanged, if it has no line */
function fitLines(plan: Plan, task: TaskPlan, { by, columns, predictions, units }: LineGround): LineFit | string {
  const { index, tower } = task;
  const [all, ...domains] = cellRows(tower, columns, plan.spec.domains?.count ?? 0) as [Int32Array, ...Int32Array[]];
  const labels = columns.labels.get(tower.label)!;
  const { logits } = predictions[index]!;
  const hasOne = isBinary(tower) && tower.numClass === 1;
  const gap = hasOne ? gapOf(logits, labels, all) : "it is not a task of one probability";
  if (gap !== null) return `${tower.name} stays as it is: ${gap}`;
  const parts = by === "domain" ? domains : [];
  const after = crossPlatt({ logits, labels }, all, parts, units, plan.spec.training.seed);
  return {
    task,
    lines: plattLines({ logits, labels }, all, parts, units),
    after,
    cells: [all, ...domains].map((rows) => ({ rows, change: lossChange(logits, after, labels, rows) })),
  };
}

async function recalibratedTasks(
  fits: readonly LineFit[],
  by: Recalibration["by"],
  units: Int32Array | null,
  seed: number,
): Promise<RecalibratedTask[]> {
  const intervals = (cells: readonly LineFit["cells"][number][], level: number): Promise<Interval[]> => {
    const changes = cells.map(({ change }) => change);
    return inTurns(simultaneousIntervals(changes, units, { seed, level }));
  };
  const overalls = await intervals(
    fits.flatMap(({ cells }) => cells.slice(0, 1)),
    recalibrationLevels.overall,
  );
  const byDomain = await intervals(
    fits.flatMap(({ cells }) => cells.slice(1)),
    recalibrationLevels.domains,
  );
  return fits.map(({ task: { tower }, lines, cells }) => {
    const [overall, ...domains] = cells.map(({ rows }, cell): RecalibratedRows => {
      const logLoss = (cell === 0 ? overalls : byDomain).shift()!;
      return { rows: rows.length, line: cell > 0 && by === "all" ? null : lines[cell]!, logLoss };
    });
    return { tower: tower.name, label: tower.label, within: taskSpaceName(tower), overall: overall!, domains };
  });
}

function movedWeights(plan: Plan, before: Weights, fits: readonly LineFit[], by: Recalibration["by"]): Weights {
  const weights = new Map(before);
  for (const { task, lines } of fits) {
    for (let domain = 0; domain < plan.towers; domain++) {
      moveOutput(weights, towerName(plan, task.index, domain), lines[by === "domain" ? domain + 1 : 0]!);
    }
  }
  return weights;
}

/** @throws DataError if a logit is not finite */
function gapOf(logits: Float32Array, labels: Float32Array, rows: Int32Array): string | null {
  const broken = rows.find((row) => !Number.isFinite(logits[row]!));
  const problem = { path: "run.recalibrate", message: "a prediction is not finite", fix: "train the model again" };
  if (broken !== undefined) throw new DataError({ ...problem, received: `row ${broken}` });
  const positives = countPositives(labels, rows);
  if (Math.min(positives, rows.length - positives) >= fewestRows) return null;
  return `${positives} of ${rows.length} rows are positive, and a line needs ${fewestRows} rows of both classes`;
}

function moveOutput(weights: Map<string, Weight>, tower: string, line: PlattLine): void {
  for (const [part, add] of Object.entries({ weight: 0, bias: line.shift })) {
    const name = `${tower}.linear.${part}`;
    const { shape, data } = weights.get(name)!;
    weights.set(name, { shape, data: Float32Array.from(data, (value) => line.slope * value + add) });
  }
}

function lossChange(before: Float32Array, after: Float32Array, labels: Float32Array, rows: Int32Array) {
  const lossOf = (logits: Float32Array, row: number): number => logitLoss(logits[row]!, labels[row]! > 0);
  const changes = Float64Array.from(rows, (row) => lossOf(after, row) - lossOf(before, row));
  return meanInfluence(changes, rows);
}
