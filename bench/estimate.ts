/** Compares `model.estimate` with actual training at three sizes, each in separate processes. */
import { dataset, modelFromSpec } from "../src/index.js";
import { numbersInChild } from "./child.js";
import type { Measurement } from "./figure.js";
import { logFor, sampleSpec, withBatchSize } from "./models.js";
import { residentPeak } from "./peak.js";
import { median } from "./timing.js";

const sizes = [20_000, 60_000, 200_000];
const rounds = 3;

/** `estimate`. */
export const estimateMeasurement: Measurement = {
  name: "estimate",
  async run(report) {
    for (const rows of sizes) {
      const seconds: number[] = [];
      const memory: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const [estimated, estimatedMemory] = await numbersInChild("estimate", String(rows));
        const [taken, peak] = await numbersInChild("estimated-fit", String(rows));
        seconds.push((estimated as number) / (taken as number));
        memory.push((estimatedMemory as number) / (peak as number));
      }
      report(`estimate.${rows}.seconds-over-measured`, median(seconds), "ratio");
      report(`estimate.${rows}.memory-over-measured`, median(memory), "ratio");
    }
  },
};

/** Seconds and MB of an estimate. */
export async function estimated(rows: number): Promise<readonly number[]> {
  const { total, memory } = await model().estimate(await dataset(logFor(rows, 0.28).table), { rows });
  return [total.value, memory.bytes / 1e6];
}

/** Seconds and peak memory in MB of training, from rows to weights. */
export async function fitted(rows: number): Promise<readonly number[]> {
  const data = await dataset(logFor(rows, 0.28).table);
  await data.head(1); // generates the rows first
  const start = performance.now();
  const run = await model().fit(data, { validation: null, quiet: true });
  const seconds = (performance.now() - start) / 1000;
  await run.dispose();
  return [seconds, residentPeak()];
}

function model() {
  const spec = withBatchSize(sampleSpec(), 2048);
  return modelFromSpec({ ...spec, training: { ...spec.training, epochs: 1, steps: null } });
}
