/** How long an engine's steps take, from a short run of them. */

import type { Batch, EncodedData } from "../../data/encoded/index.js";
import { batches } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import { mean } from "../../util/sums.js";
import { batchOptions } from "./step-plan.js";

/** Seconds of steps. */
export interface StepTimes {
  /** The first one, for which whatever is made once is made. */
  readonly first: number;
  /** Steps that were counted, after some to warm up. */
  readonly steps: number;
  /** Of a step, on average. */
  readonly mean: number;
  /** Averages of stretches of the counted steps, which tell how steady the machine is. */
  readonly stretches: readonly number[];
}

const warmUp = { steps: 5, seconds: 1 };
const stretches = 8;

/**
 * Steps through shuffled batches of the data, again and again, for so many seconds; the engine's weights change.
 *
 * @param seconds of the counted steps, about; eight steps at least
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
    // Picking the rows is a part of training, too.
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
    const options = { ...batchOptions(engine.spec.training, epoch), dropRemainder: true };
    for (const batch of batches(data, options)) yield { batch, epoch };
  }
}

function cut(times: readonly number[]): number[] {
  return Array.from({ length: stretches }, (_, at) => {
    const [from, to] = [at, at + 1].map((end) => Math.round((end * times.length) / stretches));
    return mean(times.slice(from, to));
  });
}
