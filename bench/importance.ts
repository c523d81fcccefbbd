/** The CPU time of an importance of 17 fields and of an audit, as multiples of one pass of predictions over the same rows. */

import { predict } from "../src/core/train/evaluate.js";
import { audit } from "../src/lab/gates/audit.js";
import { type GroupImportance, importance } from "../src/lab/gates/importance.js";
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
    const auditRatios: number[] = [];
    const history = { points: [], evaluations: [], bestStep: null };
    let measured: readonly GroupImportance[] = [];
    await predict(engine, data);
    for (let round = 0; round < rounds; round++) {
      const pass = (await cost(() => predict(engine, data))).cpu;
      const { cpu: all } = await cost(async () => {
        measured = (await importance(engine, data, { groups })).groups;
      });
      ratios.push(all / pass);
      auditRatios.push((await cost(() => audit(engine, data, history))).cpu / pass);
    }
    report("importance.sample.groups", measured.length, "count");
    report("importance.sample.cpu-over-prediction", median(ratios), "ratio");
    report("audit.sample.cpu-over-prediction", median(auditRatios), "ratio");
    await engine.dispose();
  },
};
