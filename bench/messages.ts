/** Compares steps that are sent to the engine together with steps sent one by one: what a message costs. */
import { batches } from "../src/core/data/encoded/batches.js";
import { createEngine } from "../src/core/engine/create-engine.js";
import type { Measurement, Report } from "./figure.js";
import { rowsFor, smallSample, withBatchSize } from "./models.js";
import { cost, median } from "./timing.js";

const steps = 60;
const together = 20;
const rounds = 15;

/** `messages`. */
export const messagesMeasurement: Measurement = {
  name: "messages",
  async run(report) {
    for (const threads of [1, 2]) for (const batchSize of [128, 256, 1024]) await measure(batchSize, threads, report);
  },
};

async function measure(batchSize: number, threads: number, report: Report): Promise<void> {
  const spec = withBatchSize(smallSample(), batchSize);
  const inOrder = [...batches(await rowsFor(spec, steps * batchSize), { batchSize })];
  const engine = await createEngine(spec, { engine: "compiled", threads });
  const costOf = (atOnce: number) =>
    cost(async () => {
      for (let step = 0; step < steps; step += atOnce) await engine.train(inOrder.slice(step, step + atOnce), 0);
    });
  for (let warmUp = 0; warmUp < 3; warmUp++) await costOf(together);
  const ratios: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round++) {
    const apart = await costOf(1);
    const joined = await costOf(together);
    ratios.push([joined.cpu / apart.cpu, joined.wall / apart.wall]);
  }
  const name = `messages.${batchSize}.threads-${threads}`;
  report(`${name}.cpu-over-apart`, median(ratios.map(([cpu]) => cpu)), "ratio");
  report(`${name}.wall-over-apart`, median(ratios.map(([, wall]) => wall)), "ratio");
  await engine.dispose();
}
