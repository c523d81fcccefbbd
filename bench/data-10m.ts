/** Ten million rows × 17 features of Parquet: encoded, shuffled and trained on once, in a separate process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { resultOf } from "./child.js";
import type { LargeRun } from "./data-10m-child.js";
import { writeLog } from "./data-files.js";
import type { Measurement } from "./figure.js";

/** `data-10m`. */
export const dataLargeMeasurement: Measurement = {
  name: "data-10m",
  async run(report) {
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-"));
    try {
      const file = path.join(folder, "log.parquet");
      await writeLog(file, 10_000_000);
      const run = await resultOf<LargeRun>("data-10m-child.js", [file], { PEPNET_CACHE: path.join(folder, "cache") });
      report("data-10m.encode", run.encodeRowsPerSecond, "rows/s");
      report("data-10m.train", run.trainRowsPerSecond, "rows/s");
      report("data-10m.loop-over-step", run.loopOverStep, "ratio");
      report("data-10m.peak-after-encoding", run.encodedPeakMegabytes, "MB");
      report("data-10m.peak", run.peakMegabytes, "MB");
      report("data-10m.open-again", run.againMillis, "ms");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
