/** Peak memory of training *tasks* at batch 8192, in a separate process. */

import { modelSize } from "../src/core/nn/plan/size.js";
import { inChild } from "./child.js";
import type { Measurement } from "./figure.js";
import { rowsFor, tasksSpec } from "./models.js";
import { residentPeak } from "./peak.js";
import { compiledEngine } from "./steppers.js";
import { firstBatch } from "./steps.js";

/** `memory`. */
export const memoryMeasurement: Measurement = {
  name: "memory",
  async run(report) {
    const peak = await inChild("memory");
    // Adagrad keeps one number for each number of a table.
    const tables = (2 * 4 * modelSize(tasksSpec()).embeddingParameters) / 1e6;
    report("memory.tasks.8192.peak", peak, "MB");
    report("memory.tasks.8192.peak-beside-tables", peak - tables, "MB");
  },
};

/** The peak resident size of this process after some steps, in MB. */
export async function peakMegabytes(): Promise<number> {
  const spec = tasksSpec();
  const batch = firstBatch(await rowsFor(spec, 8192), 8192);
  const engine = await compiledEngine(spec);
  for (let step = 0; step < 8; step++) await engine.step(batch, 0);
  await engine.dispose();
  return residentPeak();
}
