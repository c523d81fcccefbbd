/** Ten million rows × 17 features of Parquet: encoded, shuffled and trained on once, in a separate process. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
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
      const child = path.join(__dirname, "data-10m-child.js");
      const env = { ...process.env, PEPNET_CACHE: path.join(folder, "cache") };
      const { stdout } = await promisify(execFile)(process.execPath, [child, file], { env });
      const run = JSON.parse(stdout.trim().split("\n").at(-1) as string) as LargeRun;
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
