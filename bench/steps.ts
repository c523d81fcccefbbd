/** Times a step against the same program without savings, and against tfjs-node without compiling. */

import { batches } from "../src/core/data/encoded/batches.js";
import type { Batch, EncodedData } from "../src/core/data/encoded/encoded.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import type { Measurement, Report } from "./figure.js";
import { stepFlops } from "./flops.js";
import { rowsFor, sampleSpec, tasksSpec } from "./models.js";
import { stepProducts } from "./products.js";
import { compiledEngine, compiledStepper, type Stepper, tfjsNodeStepper } from "./steppers.js";
import { inTurn, interleaved, median, ratio, type Work } from "./timing.js";

/** Counted rounds by batch size; larger batches take longer and vary less. */
const rounds = new Map([
  [8192, 6],
  [2048, 10],
]);

/** Rounds before the counted ones: V8 needs about ten steps to optimise the host's loops. */
export const warmUpRounds = 5;

/** The candidate that computes only the matrix products. */
const productsAlone = "products-alone";

/** `sample-step` and `tasks-step`. */
export const stepMeasurements: readonly Measurement[] = [
  { name: "tasks-step", run: (report) => measure("tasks-step", tasksSpec(), report) },
  { name: "sample-step", run: (report) => measure("sample-step", sampleSpec(), report) },
];

async function measure(name: string, spec: ModelSpec, report: Report): Promise<void> {
  const data = await rowsFor(spec, rowsForRounds(rounds.values()));
  const engine = await compiledEngine(spec);
  const steppers: Record<string, Stepper> = {
    compiled: { step: (batch) => engine.step(batch, 0), dispose: () => engine.dispose() },
    "compiled-every-row": compiledStepper(spec, false),
  };
  const eager = await tfjsNodeStepper(spec, true);
  const eagerEveryRow = await tfjsNodeStepper(spec, false);
  if (eager !== null && eagerEveryRow !== null) {
    steppers["tfjs-node"] = eager;
    steppers["tfjs-node-every-row"] = eagerEveryRow;
  }
  for (const [batchSize, count] of rounds) {
    const fresh = batchPerRound(data, batchSize, count);
    const batch = fresh[0] as Batch;
    const work = Object.entries(steppers).map(([key, stepper]): [string, Work] => [
      key,
      inTurn(fresh, (batch) => stepper.step(batch)),
    ]);
    const products = await stepProducts(spec, batch);
    work.push([productsAlone, products.run]);
    const times = await interleaved(Object.fromEntries(work), { warmUp: warmUpRounds, rounds: count });
    const compiled = times["compiled"] as number[];
    await products.dispose();
    const alone = times[productsAlone] as number[];
    delete times[productsAlone];
    for (const [key, millis] of Object.entries(times)) report(`${name}.${batchSize}.${key}`, median(millis), "ms");
    for (const [key, own] of Object.entries(times)) {
      if (key !== "compiled") report(`${name}.${batchSize}.compiled-over-${key}`, ratio(compiled, own), "ratio");
    }
    const flops = stepFlops(spec, batch);
    report(`${name}.${batchSize}.needed`, flops / 1e9, "GFLOP");
    report(`${name}.${batchSize}.reached`, flops / 1e6 / median(compiled), "GFLOPS");
    report(`${name}.${batchSize}.products-alone`, products.operations / 1e6 / median(alone), "GFLOPS");
    const share = (flops / products.operations) * ratio(alone, compiled);
    report(`${name}.${batchSize}.reached-over-products-alone`, share, "ratio");
  }
  for (const stepper of Object.values(steppers)) await stepper.dispose();
}

/**
 * A different batch for each round. A model that sees the same rows many times memorises them, and its gradients become
 * subnormal numbers, which are slow on every processor.
 */
export function batchPerRound(data: EncodedData, batchSize: number, counted: number): Batch[] {
  return [...batches(data, { batchSize, shuffle: true })].slice(0, warmUpRounds + counted);
}

/** The number of rows that gives every round its own batch, at every batch size. */
export function rowsForRounds(counted: Iterable<number>): number {
  return 8192 * (warmUpRounds + Math.max(...counted));
}

/** The first batch of an epoch, shuffled as in training. */
export function firstBatch(data: EncodedData, batchSize: number): Batch {
  const [first] = batches(data, { batchSize, shuffle: true });
  return first as Batch;
}
