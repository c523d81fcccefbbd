/** Times a new model's first step, and counts what is compiled again if only a number changes. */

import { compilations } from "../src/core/engine/compiled/compile-plan.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { inChild } from "./child.js";
import type { Measurement } from "./figure.js";
import { rowsFor, sampleSpec } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { firstBatch } from "./steps.js";
import { median, millis } from "./timing.js";

const batchSize = 256;

/** Milliseconds that the first step takes in addition to a later one: to trace, lower and start the session. */
export async function firstStepMillis(spec: ModelSpec): Promise<number> {
  const batch = firstBatch(await rowsFor(spec, batchSize), batchSize);
  const engine = await compiledEngine(spec);
  const times: number[] = [];
  for (let step = 0; step < 6; step++) times.push(await millis(() => engine.step(batch, 0)));
  await engine.dispose();
  return (times[0] as number) - median(times.slice(1));
}

/** `first-step`. */
export const firstStepMeasurement: Measurement = {
  name: "first-step",
  async run(report) {
    const spec = sampleSpec();
    report("first-step.fresh-process", await inChild("first-step"), "ms");
    const times: number[] = [];
    for (let more = 0; more < 6; more++) {
      const hidden = [512, 256 - 16 * more];
      times.push(await firstStepMillis({ ...spec, ppnet: { ...spec.ppnet, hidden } }));
    }
    report("first-step.new-spec", median(times.slice(1)), "ms");
    const before = compilations();
    for (const changed of numbersChanged({ ...spec, ppnet: { ...spec.ppnet, hidden: [512, 256] } })) {
      await firstStepMillis(changed);
    }
    report("first-step.compilations-for-changed-numbers", compilations() - before, "count");
  },
};

/** Copies of the model with another gamma, loss weight or learning rate. */
function numbersChanged(spec: ModelSpec): ModelSpec[] {
  const { dense } = spec.training;
  return [
    { ...spec, ppnet: { ...spec.ppnet, gamma: 1 }, epnet: { ...spec.epnet, gamma: 3 } },
    { ...spec, towers: spec.towers.map((tower) => ({ ...tower, weight: 0.5 })) },
    { ...spec, training: { ...spec.training, dense: { ...dense, lr: dense.lr / 2 } } },
  ];
}
