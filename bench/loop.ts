/** Compares the whole training loop with its steps alone: the cost of reading, encoding, shuffling and updating. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { encode } from "../src/core/data/encode/encode.js";
import { batches } from "../src/core/data/encoded/batches.js";
import { openTable } from "../src/core/data/table/open.js";
import { planModel } from "../src/core/nn/plan/plan.js";
import { mostBatchRows } from "../src/core/spec/training.js";
import { fit } from "../src/core/train/loop/fit.js";
import type { Measurement, Report } from "./figure.js";
import { logFor, tasksSpec, withBatchSize } from "./models.js";
import { compiledEngine, hostStepper, ortRunner } from "./steppers.js";
import { interleaved, median, ratio } from "./timing.js";

const rows = 4 * 8192;

/** `loop`. */
export const loopMeasurement: Measurement = {
  name: "loop",
  async run(report) {
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-"));
    try {
      const file = await logFor(rows, 0.05).table.toParquet(path.join(folder, "train.parquet"));
      for (const batchSize of [8192, 2048]) await measure(file, batchSize, report);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measure(file: string, batchSize: number, report: Report): Promise<void> {
  const spec = withBatchSize(tasksSpec(), batchSize);
  const data = await encode(await openTable(file), spec);
  const engine = await compiledEngine(spec);
  const inline = timedStepper(spec);
  const inOrder = [...batches(data, { batchSize })];
  const times = await interleaved(
    {
      step: async () => {
        for (const batch of inOrder) await engine.step(batch, 0);
      },
      encoded: () => fit(engine, data, null),
      whole: async () => fit(engine, await encode(await openTable(file), spec), null),
      inline: async () => {
        for (const batch of inOrder) await inline.step(batch);
      },
    },
    { rounds: 3 },
  );
  const name = `loop.tasks.${batchSize}`;
  report(`${name}.encoded-over-step`, ratio(times.encoded, times.step), "ratio");
  report(`${name}.parquet-over-step`, ratio(times.whole, times.step), "ratio");
  report(`${name}.step-over-program`, median(times.inline) / inline.programMillis(times.inline.length), "ratio");
  await engine.dispose();
  await inline.dispose();
}

/** A step on this thread that also times its program alone, without gathering, losses and optimisers. */
function timedStepper(spec: Parameters<typeof planModel>[0]) {
  const plan = planModel(spec);
  const runner = ortRunner(plan);
  const took: number[] = [];
  const stepper = hostStepper(plan, {
    ...runner,
    async run(program, inputs) {
      const start = performance.now();
      const outputs = await runner.run(program, inputs);
      took.push(performance.now() - start);
      return outputs;
    },
  });
  return {
    ...stepper,
    /** The median, over the last rounds, of each round's total. */
    programMillis(rounds: number): number {
      const steps = rows / mostBatchRows(spec.training);
      const sums = Array.from({ length: rounds }, (_, round) => {
        const end = took.length - round * steps;
        return took.slice(end - steps, end).reduce((sum, millis) => sum + millis, 0);
      });
      return median(sums);
    },
  };
}
