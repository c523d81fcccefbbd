/** Times recording gates at every evaluation of an epoch. */

import { fit } from "../src/core/train/loop/fit.js";
import { gatesReport } from "../src/lab/gates/report.js";
import type { Measurement, Report } from "./figure.js";
import { rowsFor, tasksSpec, withBatchSize } from "./models.js";
import { compiledEngine } from "./steppers.js";
import { interleaved, median, ratio } from "./timing.js";

/** Rows of the epoch. With fewer rows, evaluations take a larger share of the time. */
const rows = 12 * 8192;

/** `gates`. */
export const gatesMeasurement: Measurement = { name: "gates", run: measure };

async function measure(report: Report): Promise<void> {
  const spec = withBatchSize(tasksSpec(), 8192);
  const data = await rowsFor(spec, rows);
  const engine = await compiledEngine(spec);
  const follow = async (): Promise<void> => {
    // The number of evaluations in a run of one epoch.
    for (let evaluation = 0; evaluation < 4; evaluation++) {
      await gatesReport(engine, data, { rows: 1000, details: false });
    }
  };
  const times = await interleaved(
    { epoch: () => fit(engine, data, null), follow, whole: () => gatesReport(engine, data) },
    { rounds: 3 },
  );
  report("gates.tasks.four-over-epoch", ratio(times.follow, times.epoch), "ratio");
  report("gates.tasks.1000-rows", median(times.follow) / 4, "ms");
  report("gates.tasks.10000-rows-with-details", median(times.whole), "ms");
  await engine.dispose();
}
