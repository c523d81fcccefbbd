/** The plan of a training's steps: how many there are, when it evaluates, and which rows a batch has. */
import { type BatchOptions, batches } from "../../data/encoded/batches.js";
import type { Batch, EncodedData } from "../../data/encoded/encoded.js";
import type { Engine } from "../../engine/engine.js";
import { DataError } from "../../errors/index.js";
import { type ResolvedTraining, resolveTraining, type TrainingSpec } from "../../spec/training.js";
import { interruptible } from "../../util/interrupt.js";
import { mean } from "../../util/numbers.js";

export interface StepPlan {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** @throws DataError without rows, or without a full batch with `dropRemainder`. */
export function planSteps(training: TrainingSpec, rows: number): StepPlan {
  const { batchSize, dropRemainder, epochs, steps } = resolveTraining(training, rows);
  const full = rows / batchSize;
  const stepsPerEpoch = dropRemainder ? Math.floor(full) : Math.ceil(full);
  if (stepsPerEpoch === 0) {
    throw new DataError({
      path: "training data",
      message: rows === 0 ? "no rows to train on" : "no full batch to train on",
      received: `${rows} rows, batch size ${batchSize}${dropRemainder ? ", dropRemainder" : ""}`,
      expected: dropRemainder ? "at least one full batch" : "at least one row",
      fix: rows === 0 ? "check the file or the filter of this data" : "lower batchSize or set dropRemainder: false",
    });
  }
  return { stepsPerEpoch, totalSteps: steps ?? epochs! * stepsPerEpoch };
}

/** Steps between two evaluations; another one is at the end. */
export function evaluationInterval(plan: StepPlan, perEpoch: number | undefined): number {
  return Math.max(1, Math.round(plan.stepsPerEpoch / (perEpoch ?? usualEvaluations(plan))));
}

function usualEvaluations({ totalSteps, stepsPerEpoch }: StepPlan): number {
  return Math.max(1, Math.round((4 * stepsPerEpoch) / totalSteps));
}

/** With this number of steps per epoch, a model may overfit within its first epoch. */
const fewSteps = { least: 8, most: 100 };

/** Extra evaluations at the quarters of a short first epoch. An early evaluation may be the best, but does not end training. */
export function earlyEvaluations(plan: StepPlan): ReadonlySet<number> {
  const { stepsPerEpoch } = plan;
  const isShort = stepsPerEpoch >= fewSteps.least && stepsPerEpoch < fewSteps.most;
  if (!isShort || usualEvaluations(plan) > 1) return new Set();
  return new Set([1, 2, 3].map((quarter) => Math.round((quarter * stepsPerEpoch) / 4)));
}

/** Early stopping waits this long: evaluations of {@link growingEvaluations} before it do not count. */
const leastShare = 1 / 4;

/**
 * Steps at which a training is evaluated however many rows it has: √2 times as many each time, up to the last. So a
 * patience of two means that twice as many steps brought no gain. `early`: those that never end training.
 */
export function growingEvaluations(totalSteps: number): {
  readonly steps: ReadonlySet<number>;
  readonly early: ReadonlySet<number>;
} {
  const steps = [totalSteps];
  for (let at = totalSteps / Math.SQRT2; at >= 4; at /= Math.SQRT2) steps.push(Math.round(at));
  return { steps: new Set(steps), early: new Set(steps.filter((step) => step < leastShare * totalSteps)) };
}

export function batchOptions(training: ResolvedTraining, epoch: number): BatchOptions {
  const { batchSize, shuffle, seed, dropRemainder } = training;
  return { batchSize, shuffle, seed, epoch, dropRemainder };
}

export interface StepTimes {
  /** The first step, which includes one-time setup. */
  readonly first: number;
  readonly steps: number;
  readonly mean: number;
  readonly stretches: readonly number[];
}

const warmUp = { steps: 5, seconds: 1 };
const stretches = 8;

/**
 * Times steps of training, which changes the engine's weights.
 * @param seconds approximate time of the measured steps, at least eight
 */
export async function stepTimes(engine: Engine, data: EncodedData, seconds: number): Promise<StepTimes> {
  const next = endlessBatches(engine, data);
  const step = async (): Promise<number> => {
    const start = performance.now();
    // Selecting the rows is part of training too.
    const { batch, epoch } = next.next().value as { batch: Batch; epoch: number };
    await interruptible(() => engine.step(batch, epoch));
    return (performance.now() - start) / 1000;
  };
  const first = await step();
  for (let done = 1, spent = 0; done < warmUp.steps || (spent < warmUp.seconds && done < 100); done++)
    spent += await step();
  const times: number[] = [];
  for (let spent = 0; times.length < stretches || spent < seconds; ) {
    const took = await step();
    spent += took;
    times.push(took);
  }
  return { first, steps: times.length, mean: mean(times), stretches: cut(times) };
}

function* endlessBatches(engine: Engine, data: EncodedData): Generator<{ batch: Batch; epoch: number }, never> {
  for (let epoch = 0; ; epoch++) {
    const options = { ...batchOptions(resolveTraining(engine.spec.training, data.rows), epoch), dropRemainder: true };
    for (const batch of batches(data, options)) yield { batch, epoch };
  }
}

function cut(times: readonly number[]): number[] {
  return Array.from({ length: stretches }, (_, at) => {
    const [from, to] = [at, at + 1].map((end) => Math.round((end * times.length) / stretches));
    return mean(times.slice(from, to));
  });
}
