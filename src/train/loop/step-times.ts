/**
 * Measures the duration of an engine's steps in a short run.
 */

import type { Batch, EncodedData } from "../../data/encoded/index.js";
import { batches } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import { resolveTraining } from "../../spec/index.js";
import { mean } from "../../util/sums.js";
import { batchOptions } from "./step-plan.js";

/** Seconds of steps. */
export interface StepTimes {
  /** The first step, which includes one-time setup. */
  readonly first: number;
  /** Number of measured steps, after some warm-up steps. */
  readonly steps: number;
  /** Mean seconds per step. */
  readonly mean: number;
  /** Means over stretches of the measured steps, which show how steady the machine is. */
  readonly stretches: readonly number[];
}

const warmUp = { steps: 5, seconds: 1 };
const stretches = 8;

/**
 * Runs steps on shuffled batches of the data repeatedly for this time; the engine's weights change.
 * @param seconds approximate time of the measured steps; at least eight steps
 */
export async function stepTimes(
  engine: Engine,
  data: EncodedData,
  seconds: number,
  signal?: AbortSignal,
): Promise<StepTimes> {
  const next = endlessBatches(engine, data);
  const step = async (): Promise<number> => {
    signal?.throwIfAborted();
    const start = performance.now();
    // Selecting the rows is part of training too.
    const { batch, epoch } = next.next().value as { batch: Batch; epoch: number };
    await engine.step(batch, epoch);
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
