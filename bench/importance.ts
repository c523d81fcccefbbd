/** The CPU time of an importance of 17 fields, as a multiple of one pass of predictions over the same rows. */
import type { GroupImportance } from "../src/gates/importance.js";
import { importance } from "../src/gates/importance.js";
import { predict } from "../src/train/evaluate.js";
import type { Measurement } from "./figure.js";
import { rowsFor, sampleSpec } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { cost, median } from "./timing.js";

const [rows, rounds] = [100_000, 3];

/** `importance`. */
export const importanceMeasurement: Measurement = {
  name: "importance",
  async run(report) {
    const spec = sampleSpec();
    const data = await rowsFor(spec, rows);
    const engine = await compiledEngine(spec);
    // Each field alone: the most passes.
    const groups = spec.features.map(({ name }) => [name]);
    const ratios: number[] = [];
    let measured: readonly GroupImportance[] = [];
    await predict(engine, data);
    for (let round = 0; round < rounds; round++) {
      const pass = (await cost(() => predict(engine, data))).cpu;
      const { cpu: all } = await cost(async () => {
        measured = (await importance(engine, data, { groups })).groups;
      });
      ratios.push(all / pass);
    }
    report("importance.sample.groups", measured.length, "count");
    report("importance.sample.cpu-over-prediction", median(ratios), "ratio");
    await engine.dispose();
  },
};
