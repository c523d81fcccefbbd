/** Training on logs of .1 to 50 million rows of Parquet, beside what `model.estimate` predicts: each in fresh processes. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { resultOf } from "./child.js";
import { writeLog } from "./data-files.js";
import { reportExponent } from "./exponent.js";
import type { Measurement, Report } from "./figure.js";
import type { ScaleEstimate, ScaleRun } from "./scale-child.js";

/** `PEPNET_SCALE_ROWS=1e6,1e8`: other numbers of rows. A hundred million take half an hour and 25 GB. */
const sizes = process.env.PEPNET_SCALE_ROWS?.split(",").map(Number) ?? [100_000, 1_000_000, 10_000_000, 50_000_000];
/** One user for so many rows, so that the vocabulary grows with the log. */
const rowsPerUser = 50;

/** `scale-rows`: figures of each log, then the exponents of the costs that rows have. */
export const scaleMeasurement: Measurement = {
  name: "scale-rows",
  onlyByName: true,
  async run(report) {
    const runs: { rows: number; run: ScaleRun }[] = [];
    for (const rows of sizes) runs.push({ rows, run: await measure(rows, report) });
    const grow = (name: string, cost: (run: ScaleRun, rows: number) => number) =>
      reportExponent(
        `scale-rows.${name}`,
        runs.map(({ rows, run }) => [rows, cost(run, rows)]),
        report,
      );
    grow("vocabulary-cpu-ms", ({ cpu }) => cpu.vocabulary);
    grow("encode-cpu-ms", ({ cpu }) => cpu.encode);
    grow("epoch-cpu-ms", ({ cpu, trainedRows }, rows) => (cpu.train * rows) / trainedRows);
    grow("peak", ({ peakMegabytes }) => peakMegabytes);
  },
};

async function measure(rows: number, report: Report): Promise<ScaleRun> {
  const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-scale-"));
  try {
    const file = path.join(folder, "log.parquet");
    await writeLog(file, rows, rows / rowsPerUser);
    // Before and after: on a shared machine the load changes meanwhile.
    const before = await inChild<ScaleEstimate>("estimate", file, folder);
    const run = await inChild<ScaleRun>("run", file, folder);
    const after = await inChild<ScaleEstimate>("estimate", file, folder);
    const predicted = (figure: keyof ScaleEstimate): number => (before[figure] + after[figure]) / 2;
    const name = (figure: string): string => `scale-rows.${rows}.${figure}`;
    report(name("file"), statSync(file).size / 1e6, "MB");
    report(name("vocabulary"), run.vocabulary, "count");
    report(name("vocabulary-ms"), run.vocabularyMillis, "ms");
    report(name("encode"), (rows / run.encodeMillis) * 1000, "rows/s");
    report(name("encode-ms"), run.encodeMillis, "ms");
    report(name("encoded"), bytesIn(path.join(folder, "cache-run")) / 1e6, "MB");
    report(name("trained-rows"), run.trainedRows, "count");
    report(name("train"), (run.trainedRows / run.trainMillis) * 1000, "rows/s");
    report(name("vocabulary-cpu-ms"), run.cpu.vocabulary, "ms");
    report(name("encode-cpu-ms"), run.cpu.encode, "ms");
    report(name("train-cpu-ms"), run.cpu.train, "ms");
    report(name("peak"), run.peakMegabytes, "MB");
    const epoch = run.trainMillis * (rows / run.trainedRows);
    report(name("estimate-encode-over-measured"), predicted("encodeMillis") / run.encodeMillis, "ratio");
    report(name("estimate-epoch-over-measured"), predicted("epochMillis") / epoch, "ratio");
    report(name("estimate-memory-over-measured"), predicted("megabytes") / run.peakMegabytes, "ratio");
    report(name("cluster"), predicted("clusterBytes") / 1e6, "MB");
    return run;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
}

function inChild<Result>(task: string, file: string, folder: string): Promise<Result> {
  return resultOf("scale-child.js", [task, file], { PEPNET_CACHE: path.join(folder, `cache-${task}`) });
}
