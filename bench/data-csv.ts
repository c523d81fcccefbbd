/** Times a million CSV rows until they are ready for training, against DuckDB reading them into its memory. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { encodedRows } from "../src/core/data/encoded/encoded-rows.js";
import { withConnection } from "../src/core/data/sources/duckdb.js";
import { literal } from "../src/core/data/sources/names.js";
import { openTable } from "../src/core/data/table/open.js";
import { writeLog } from "./data-files.js";
import type { Measurement } from "./figure.js";
import { sampleSpec } from "./models.js";
import { interleaved, median, ratio } from "./timing.js";

/** `data-csv-1m`. */
export const dataCsvMeasurement: Measurement = {
  name: "data-csv-1m",
  async run(report) {
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-"));
    const before = process.env["PEPNET_CACHE"];
    const cache = path.join(folder, "cache");
    process.env["PEPNET_CACHE"] = cache;
    try {
      const file = path.join(folder, "log.csv");
      await writeLog(file, 1_000_000);
      const spec = sampleSpec();
      const times = await interleaved(
        {
          duckdb: () => withConnection((connection) => connection.run(`SELECT * FROM read_csv(${literal(file)})`)),
          ready: async () => encodedRows(await openTable(file, { cache: false }), spec, { cache: false }),
          first: async () => {
            rmSync(cache, { recursive: true, force: true });
            await encodedRows(await openTable(file), spec);
          },
          again: async () => encodedRows(await openTable(file), spec),
        },
        { rounds: 5 },
      );
      report("data-csv-1m.duckdb", median(times.duckdb), "ms");
      report("data-csv-1m.ready", median(times.ready), "ms");
      report("data-csv-1m.ready-over-duckdb", ratio(times.ready, times.duckdb), "ratio");
      report("data-csv-1m.ready-and-cached-over-duckdb", ratio(times.first, times.duckdb), "ratio");
      report("data-csv-1m.from-cache-over-duckdb", ratio(times.again, times.duckdb), "ratio");
    } finally {
      if (before === undefined) delete process.env["PEPNET_CACHE"];
      else process.env["PEPNET_CACHE"] = before;
      rmSync(folder, { recursive: true });
    }
  },
};
