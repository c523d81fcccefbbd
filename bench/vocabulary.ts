/** Measures whether a step's time grows with the vocabulary: a table of a hundred thousand rows, or of ten million. */
import type { Measurement } from "./figure.js";
import { rowsFor, sampleSpec, withUserIds, withUserRows } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { firstBatch } from "./steps.js";
import { interleaved, median, ratio } from "./timing.js";

/** `vocabulary`. Ids are drawn from the whole table, so that both touch about the same number of rows per step. */
export const vocabularyMeasurement: Measurement = {
  name: "vocabulary",
  async run(report) {
    const spec = sampleSpec();
    const data = await rowsFor(spec, 2048);
    const candidate = async (rows: number) => {
      const engine = await compiledEngine(withUserRows(spec, rows));
      const batch = firstBatch(withUserIds(data, rows), 2048);
      return { engine, step: () => engine.step(batch, 0) };
    };
    const small = await candidate(100_000);
    const large = await candidate(10_000_000);
    const times = await interleaved({ small: small.step, large: large.step }, { rounds: 15, warmUp: 2 });
    report("vocabulary.step.100k", median(times.small), "ms");
    report("vocabulary.step.10m", median(times.large), "ms");
    report("vocabulary.step.10m-over-100k", ratio(times.large, times.small), "ratio");
    await small.engine.dispose();
    await large.engine.dispose();
  },
};
