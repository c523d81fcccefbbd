/** The process that `priors` measures: adds priors to the log in its argument, as its second says, and prints the numbers. */
import { DuckDBInstance } from "@duckdb/node-api";
import { literal } from "../src/core/data/sources/names.js";
import { dataset } from "../src/index.js";
import { residentPeak } from "./peak.js";

/** The results of the process. */
export interface PriorsRun {
  /** Processor time, in seconds. */
  readonly seconds: number;
  readonly peakMegabytes: number;
}

const hour = 3_600_000_000;

/** The same keys by hand: counts, positives and the last time, written beside the columns. */
async function byHand(file: string, out: string): Promise<void> {
  const keys = ["user_id", "item_id", "item_id, scene", "user_id, scene"];
  const columns = keys.flatMap((key, at) => {
    const window = `OVER (PARTITION BY ${key} ORDER BY epoch_us(ts) RANGE BETWEEN UNBOUNDED PRECEDING AND ${hour + 1} PRECEDING)`;
    return [`count(click) ${window} AS n${at}`, `sum(click) ${window} AS s${at}`, `max(ts) ${window} AS last${at}`];
  });
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const sql = `SELECT * EXCLUDE "row" FROM (SELECT *, ${columns.join(", ")} FROM read_parquet(${literal(file)})) ORDER BY "row"`;
  await connection.run(`COPY (${sql}) TO ${literal(out)} (FORMAT parquet)`);
}

async function main(file: string, task: string): Promise<void> {
  const data = await dataset(file, { user: "user_id", item: "item_id", time: "ts" });
  const begun = process.cpuUsage();
  if (task === "hand") await byHand(file, `${file}.hand.parquet`);
  else {
    const isLarge = task === "large";
    await data.priors(["click"], {
      by: ["user_id", "item_id", ["item_id", "scene"], ["user_id", "scene"], ...(isLarge ? ["scene", "city"] : [])],
      windows: isLarge ? ["1d", "3d", "7d"] : [],
      delay: "1h",
    });
  }
  const used = process.cpuUsage(begun);
  const run: PriorsRun = { seconds: (used.user + used.system) / 1e6, peakMegabytes: residentPeak() };
  console.log(JSON.stringify(run));
}

void main(process.argv[2] as string, process.argv[3] as string);
