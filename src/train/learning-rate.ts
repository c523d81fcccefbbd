/**
 * A learning-rate range test (Smith 2017, Cyclical Learning Rates, section 3.3): a short training with an exponentially
 * growing rate, by the spec's exponential schedule, so that any engine can run it.
 */

import { trainingBatches } from "../data/encoded/batches.js";
import type { EncodedRows } from "../data/encoded/streamed.js";
import { learningRate } from "../engine/core/sparse-optimizer.js";
import type { Engine } from "../engine/engine.js";
import { type Problem, SpecError } from "../errors/index.js";
import { type LearningRateSpec, resolveTraining, type TrainingSpec } from "../spec/training.js";
import { planSteps } from "./loop/steps.js";

/** Which optimisers' rates a sweep changes: both in their ratio, or one of them. */
export type SweptRates = "both" | "dense" | "sparse";

/** A sweep from one rate to another. */
export interface SweepRange {
  /** Rate of the first step: the dense optimiser's, or with `rates: "sparse"` the sparse optimiser's. */
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  readonly rates: SweptRates;
}

/** The result of a sweep. */
export interface LearningRateSweep {
  readonly rates: SweptRates;
  readonly points: readonly LearningRatePoint[];
  /** The suggestion of the rule; `null` if the losses do not determine one. */
  readonly suggestion: number | null;
  readonly rule: string;
  readonly note: string | null;
  /** `diverged`: the smoothed loss exceeded four times its minimum, or the loss was not a number. */
  readonly ended: "complete" | "diverged" | "interrupted";
  /** The rates for training, the other optimiser's in its ratio; `null` without a suggestion, or if unchanged. */
  readonly suggested: { readonly dense: number | null; readonly sparse: number | null };
}

const divergedTimes = 4;

/**
 * Replaces the schedules of the changed rates; dense rates of part optimisers change with the dense rate.
 * @throws SpecError for an invalid range, or if the rate to change is 0.
 */
export function sweepTraining(training: TrainingSpec, range: SweepRange): TrainingSpec {
  assertRange(training, range);
  const { from, to, steps, rates } = range;
  const factor = from / axisRate(training, rates);
  const schedule = growth((to / from) ** (1 / (steps - 1)));
  const faster = <Optimizer extends { readonly lr: number }>(optimizer: Optimizer): Optimizer => ({
    ...optimizer,
    lr: optimizer.lr * factor,
  });
  const dense = {
    dense: faster(training.dense),
    denseLearningRate: schedule,
    partOptimizers: training.partOptimizers.map((part) => ({
      ...part,
      optimizer: faster(part.optimizer),
      learningRate: schedule,
    })),
  };
  const sparse = training.sparse.kind === "other" ? training.sparse : faster(training.sparse);
  return {
    ...training,
    ...(rates === "sparse" ? {} : dense),
    ...(rates === "dense" ? {} : { sparse, sparseLearningRate: schedule }),
    steps,
    epochs: null,
  };
}

/** Afterwards the engine's weights are useless. @throws DataError without rows. */
export async function sweepLearningRates(
  engine: Engine,
  data: EncodedRows,
  rates: SweptRates,
  signal?: AbortSignal,
): Promise<LearningRateSweep> {
  const { training } = engine.spec;
  const { totalSteps } = planSteps(training, data.rows);
  const schedule = rates === "sparse" ? training.sparseLearningRate : training.denseLearningRate;
  const base = axisRate(training, rates);
  const points: LearningRatePoint[] = [];
  const smooth = smoothing();
  let lowest = Number.POSITIVE_INFINITY;
  let ended: LearningRateSweep["ended"] = "complete";
  for await (const { batch, epoch } of endless(data, training)) {
    if (signal?.aborted) ended = "interrupted";
    if (points.length === totalSteps || ended !== "complete") break;
    const { loss } = await engine.step(batch, epoch);
    if (!Number.isFinite(loss)) {
      ended = "diverged";
      break;
    }
    const smoothedLoss = smooth(loss);
    points.push({ learningRate: learningRate(schedule, base, points.length, epoch), loss, smoothedLoss });
    lowest = Math.min(lowest, smoothedLoss);
    if (smoothedLoss > divergedTimes * lowest) ended = "diverged";
  }
  const advice = suggestLearningRate(points, ended === "diverged");
  return { rates, points, ...advice, ended, suggested: suggestedRates(training, rates, advice.suggestion) };
}

function suggestedRates(training: TrainingSpec, rates: SweptRates, suggestion: number | null) {
  const times = (lr: number): number | null =>
    suggestion === null ? null : suggestion * (lr / axisRate(training, rates));
  return {
    dense: rates === "sparse" ? null : times(training.dense.lr),
    sparse: rates === "dense" ? null : times(sparseRate(training)),
  };
}

function axisRate(training: TrainingSpec, rates: SweptRates): number {
  return rates === "sparse" ? sparseRate(training) : training.dense.lr;
}

function sparseRate({ sparse }: TrainingSpec): number {
  return sparse.kind === "other" ? 0 : sparse.lr;
}

function growth(factor: number): LearningRateSpec {
  return {
    kind: "exponential_decay",
    decaySize: 1,
    decayFactor: factor,
    staircase: false,
    warmupLearningRate: 0,
    warmupSize: 0,
    minLearningRate: 0,
    byEpoch: false,
  };
}

async function* endless(data: EncodedRows, training: TrainingSpec) {
  const { batchSize, shuffle, seed, dropRemainder } = resolveTraining(training, data.rows);
  for (let epoch = 0; ; epoch++) {
    for await (const batch of trainingBatches(data, { batchSize, shuffle, seed, epoch, dropRemainder }))
      yield { batch, epoch };
  }
}

function assertRange(training: TrainingSpec, { from, to, steps, rates }: SweepRange): void {
  const problems: Problem[] = [];
  if (!(from > 0 && Number.isFinite(to) && to > from)) {
    problems.push({
      path: "findLearningRate: from, to",
      message: "`from` must be positive and less than `to`",
      received: `from ${from} to ${to}`,
      expected: "0 < from < to",
    });
  }
  if (!Number.isInteger(steps) || steps < 10) {
    problems.push({
      path: "findLearningRate: steps",
      message: "too few steps to find the minimum of the loss",
      received: String(steps),
      expected: "an integer ≥ 10",
    });
  }
  if (axisRate(training, rates) === 0) {
    problems.push({
      path: "findLearningRate: rates",
      message: `the ${rates === "sparse" ? "sparse" : "dense"} optimiser's learning rate is 0 and cannot be scaled`,
      received: `rates "${rates}"`,
      expected: "an optimiser with a rate above 0",
      fix: `rates: "${rates === "sparse" ? "dense" : "sparse"}", or set a rate for the optimiser`,
    });
  }
  if (problems.length > 0) throw new SpecError(problems);
}

/** The weight of the previous average at each step: the average covers about five steps. */
const memory = 0.8;

export function smoothing(): (value: number) => number {
  let sum = 0;
  let weight = 0;
  return (value) => {
    sum = memory * sum + (1 - memory) * value;
    weight = memory * weight + (1 - memory);
    return sum / weight;
  };
}

/** A relative decrease below this does not count: float32 losses have seven digits. */
const leastFall = 1e-5;

const rule = "a tenth of the rate at which the smoothed loss is lowest";

/** Applies the rule; no suggestion if the loss falls by no more than its noise. `turned`: the loss rose at the end. */
export function suggestLearningRate(
  points: readonly LearningRatePoint[],
  turned: boolean,
): Pick<LearningRateSweep, "suggestion" | "rule" | "note"> {
  const [first] = points;
  if (first === undefined) return { suggestion: null, rule, note: "no steps were run" };
  const place = points.reduce(
    (best, point, index) => (point.smoothedLoss < points[best]!.smoothedLoss ? index : best),
    0,
  );
  const lowest = points[place]!;
  const fall = first.smoothedLoss - lowest.smoothedLoss;
  const least = Math.max(2 * noise(points.slice(0, place + 1)), leastFall * Math.abs(first.smoothedLoss));
  if (fall <= least) {
    const note = "the loss falls by no more than its noise: use more steps or larger batches";
    return { suggestion: null, rule, note };
  }
  const open = place === points.length - 1 && !turned;
  return {
    suggestion: lowest.learningRate / 10,
    rule,
    note: open ? "the loss was still falling at the last rate: sweep further" : null,
  };
}

function noise(points: readonly LearningRatePoint[]): number {
  const squares = points.reduce((sum, { loss, smoothedLoss }) => sum + (loss - smoothedLoss) ** 2, 0);
  return Math.sqrt((squares / points.length) * ((1 - memory) / (1 + memory)));
}

/** One step of a sweep. */
export interface LearningRatePoint {
  readonly learningRate: number;
  readonly loss: number;
  /** Exponential moving average of the losses so far, without bias towards 0. */
  readonly smoothedLoss: number;
}
