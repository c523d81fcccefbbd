/** Priors of a million rows by four keys against DuckDB's windows written by hand, and of ten million by six keys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { withConnection } from "../src/core/data/sources/duckdb.js";
import { literal } from "../src/core/data/sources/names.js";
import { resultOf } from "./child.js";
import type { Measurement } from "./figure.js";
import type { PriorsRun } from "./priors-child.js";

/** A log of 30 days: heavy users and items, eight scenes, forty cities, an eighth of rows clicked. */
async function writeTimedLog(file: string, rows: number): Promise<void> {
  const micros = 30 * 86_400_000_000;
  const sql = `SELECT i AS "row", CAST(random() * random() * ${rows / 40} AS INTEGER) AS user_id,
      CAST(random() * random() * ${rows / 200} AS INTEGER) AS item_id, CAST(random() * 8 AS INTEGER) AS scene,
      CAST(random() * 40 AS INTEGER) AS city, make_timestamp(1600000000000000 + CAST(i / ${rows} * ${micros} AS BIGINT)
      + CAST(random() * 60000000 AS BIGINT)) AS ts, CAST(random() < 0.125 AS INTEGER) AS click FROM range(${rows}) AS r(i)`;
  await withConnection(async (connection) => {
    await connection.rows("SELECT setseed(0.5)");
    await connection.run(`COPY (${sql}) TO ${literal(file)} (FORMAT parquet)`);
  });
}

/** `priors`. */
export const priorsMeasurement: Measurement = {
  name: "priors",
  onlyByName: true,
  async run(report) {
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-"));
    const measured = (file: string, task: string) => resultOf<PriorsRun>("priors-child.js", [file, task]);
    try {
      const [file, large] = [path.join(folder, "log.parquet"), path.join(folder, "large.parquet")];
      await writeTimedLog(file, 1_000_000);
      const [priors, hand] = [await measured(file, "priors"), await measured(file, "hand")];
      report("priors.1m-4-keys", priors.seconds * 1000, "ms");
      report("priors.1m-4-keys.by-hand", hand.seconds * 1000, "ms");
      report("priors.1m-4-keys.over-by-hand", priors.seconds / hand.seconds, "ratio");
      await writeTimedLog(large, 10_000_000);
      const { seconds, peakMegabytes } = await measured(large, "large");
      report("priors.10m-6-keys-3-windows", seconds * 1000, "ms");
      report("priors.10m-6-keys-3-windows.peak", peakMegabytes, "MB");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
