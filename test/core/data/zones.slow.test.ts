/** Times are instants of UTC: nothing that reads, splits, describes or encodes them knows the zone of the process. */

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { timeText } from "../../../src/core/data/cells.js";
import { withConnection } from "../../../src/core/data/sources/duckdb.js";
import type { TextColumn } from "../../../src/core/data/table/column.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { writtenTime } from "../../../src/core/util/iso-time.js";
import { comboSpec, idSpec, modelSpec, rawSpec, towerSpec } from "./specs.js";

const dist = path.resolve(__dirname, "..", "..", "..", "dist");
const folder = mkdtempSync(path.join(tmpdir(), "pepnet-zones-"));

/** Every ten minutes of the night in which Berlin's clocks go back; in UTC, and as Berlin's clocks show them. */
const instants = Array.from({ length: 24 }, (_, step) => Date.UTC(2024, 9, 26, 22, 50) + step * 600_000);
const berlin = (time: number): string => {
  const shift = time < Date.UTC(2024, 9, 27, 1) ? 2 : 1;
  return `${new Date(time + shift * 3_600_000).toISOString().slice(0, 19)}+0${shift}:00`;
};
const lines = instants.map((time, row) => {
  const text = new Date(time).toISOString();
  return [row % 5, berlin(time), text.slice(0, 19).replace("T", " "), text, text.slice(0, 10), row % 2];
});

/** What a process in some zone makes of the files, and of the same rows in memory. */
const program = `
const [, , dist, folder, spec, zone] = process.argv;
const { dataset } = require(dist + "/index.js");
const { readTimes } = require(dist + "/core/data/table/table.js");
const { encodedRows } = require(dist + "/core/data/encoded/encoded-rows.js");
const { encodedHash } = require(dist + "/core/data/encoded/hashes.js");
const { check } = require(dist + "/core/data/check/check.js");
const { describe } = require(dist + "/core/data/summary/describe.js");
const { rowGroups } = require(dist + "/core/data/summary/row-groups.js");
const { readdirSync } = require("node:fs");
(async () => {
  if (new Date(0).getTimezoneOffset() === 0 && zone !== "UTC") throw new Error("the zone is not in force");
  const model = JSON.parse(spec);
  const sources = {
    csv: folder + "/log.csv",
    large: folder + "/large.csv",
    parquet: folder + "/log.parquet",
    texts: folder + "/texts.parquet",
    sql: { sql: "select *, cast(plain as timestamp) as cast_plain, cast(zoned as timestamptz) as cast_zoned, cast(plain as timestamptz) as there from '" + folder + "/texts.parquet'" },
    rows: JSON.parse(require("node:fs").readFileSync(folder + "/rows.json", "utf8")).map((row) => {
      return { ...row, zoned: new Date(row.zoned), plain: new Date(row.utc), utc: new Date(row.utc), day: new Date(row.day) };
    }),
  };
  for (const [name, source] of Object.entries(sources)) {
    const data = await dataset(source);
    const found = { name, types: data.columns.map((column) => column.type + " " + column.sourceType) };
    const read = await data.table.read();
    found.times = {};
    found.splits = {};
    found.bins = {};
    for (const column of data.columns.map((info) => info.name).filter((name) => !["user_id", "clk"].includes(name))) {
      found.times[column] = [...readTimes(read.get(column), column)];
      const parts = await data.split({ train: 3, test: 1 }, { by: { time: column } });
      found.splits[column] = [await parts.test.table.column(column), parts.test.notes];
      const groups = rowGroups(column, read.get(column), { as: "bins", most: 4 });
      found.bins[column] = [[...groups.codes], groups.names];
    }
    found.random = (await data.split({ a: 1, b: 1 }, { seed: 1, leaks: { user: "user_id", time: "plain" } })).b.notes;
    found.head = await data.head(24);
    found.summary = await describe(data.table, { labels: ["clk"] });
    found.check = (await check(data.table, model)).findings;
    const encoded = await encodedRows(data.table, model);
    found.encoded = await encodedHash(encoded);
    found.warnings = encoded.warnings;
    const written = await data.toParquet(folder + "/again-" + process.pid + ".parquet");
    found.again = (await (await dataset(written)).head(24));
    console.log(JSON.stringify(found).replaceAll("again-" + process.pid, "again"));
  }
  console.log(JSON.stringify(readdirSync(process.env.PEPNET_CACHE).sort()));
})().catch((error) => { console.error(error); process.exit(1); });`;

const spec = modelSpec({
  features: [
    idSpec("user_id", 5),
    idSpec("day_id", { kind: "hash", size: 1000 }, { expression: "item:day" }),
    idSpec("time_id", { kind: "hash", size: 1000 }, { expression: "item:utc" }),
    comboSpec("cross", ["user:user_id", "item:plain"], { kind: "hash", size: 1000 }),
    rawSpec("age", { expression: "item:plain", normalizer: "method=minmax,min=1729980000000,max=1730000000000" }),
    rawSpec("zoned_age", { expression: "item:zoned", normalizer: "method=minmax,min=1729980000000,max=1730000000000" }),
  ],
  labels: ["clk"],
  towers: [towerSpec("ctr", "clk")],
});

beforeAll(async () => {
  const csv = ["user_id,zoned,plain,utc,day,clk", ...lines.map((line) => line.join(","))].join("\n");
  writeFileSync(path.join(folder, "log.csv"), `${csv}\n`);
  const many = Array.from({ length: 900 }, () => lines.map((line) => line.join(",")).join("\n"));
  writeFileSync(path.join(folder, "large.csv"), `user_id,zoned,plain,utc,day,clk\n${many.join("\n")}\n`);
  const rows = lines.map(([user_id, zoned, plain, utc, day, clk]) => ({ user_id, zoned, plain, utc, day, clk }));
  writeFileSync(path.join(folder, "rows.json"), JSON.stringify(rows));
  await (await openTable(rows)).toParquet(path.join(folder, "texts.parquet"));
  await withConnection((connection) =>
    connection.run(`COPY (
      SELECT user_id, CAST(zoned AS TIMESTAMPTZ) AS zoned, CAST(plain AS TIMESTAMP_NS) AS plain, CAST(utc AS TIMESTAMPTZ) AS utc,
        CAST(day AS DATE) AS day, clk FROM '${folder}/texts.parquet') TO '${folder}/log.parquet'`),
  );
  writeFileSync(path.join(folder, "zones.cjs"), program);
});

async function inZone(zone: string): Promise<string[]> {
  const cache = path.join(folder, `cache-${zone.replace("/", "-")}`);
  mkdirSync(cache);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path.join(folder, "zones.cjs"), dist, folder, JSON.stringify(spec), zone],
    { env: { ...process.env, TZ: zone, PEPNET_CACHE: cache }, maxBuffer: 1 << 26 },
  );
  return stdout.trim().split("\n");
}

describe("a process anywhere", () => {
  test("reads, splits, describes, checks, encodes and caches what one in UTC does", async () => {
    const expected = await inZone("UTC");
    expect(expected).toHaveLength(7);
    for (const zone of ["Europe/Berlin", "America/New_York", "Asia/Kolkata"]) {
      expect(await inZone(zone), zone).toEqual(expected);
    }
    const found = expected.slice(0, 6).map((line) => JSON.parse(line));
    const [csv, , parquet, texts, , memory] = found;
    for (const { name, times, splits, warnings } of found) {
      if (name === "large") continue;
      for (const column of ["zoned", "plain", "utc"]) expect(times[column], `${name} ${column}`).toEqual(instants);
      expect(splits.plain[1], name).toEqual(
        ["csv", "texts", "sql"].includes(name)
          ? ['column "plain": times without a zone, such as "2024-10-26 22:50:00", are read as UTC']
          : [],
      );
      expect(warnings.some(({ message }: { message: string }) => message.startsWith("a time without a zone"))).toBe(
        ["csv", "texts", "sql"].includes(name),
      );
    }
    expect(found[4].times.there).toEqual(instants);
    // The newest quarter is held out, though Berlin's clocks show an hour twice.
    expect(csv.splits.zoned[0]).toEqual(instants.slice(18).map(berlin));
    expect(parquet.splits.zoned[0]).toEqual(instants.slice(18).map((time) => new Date(time).toISOString()));
    // Times that are typed encode alike, and so do those that are text.
    expect(parquet.encoded).toBe(memory.encoded);
    expect(csv.encoded).toBe(texts.encoded);
  });
});

describe("times as text", () => {
  test.each([
    ["2024-10-27T02:30:00+02:00", "2024-10-27T00:30:00.000Z"],
    ["2024-10-27 02:30:00+01", "2024-10-27T01:30:00.000Z"],
    ["2024-10-27 02:30:00 -0330", "2024-10-27T06:00:00.000Z"],
    ["2024-10-27 02:30", "2024-10-27T02:30:00.000Z"],
    ["2024-10-27", "2024-10-27T00:00:00.000Z"],
    ["1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900Z"],
    ["0099-03-01", "0099-03-01T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => {
    expect(new Date(writtenTime(text)).toISOString()).toBe(expected);
  });

  test.each(["2024-02-30", "2023-02-29", "2024-1-1", "2024-01-01T24:00", "20240101", "10:30", "2024-01-01T10", ""])(
    "%s is none",
    (text) => expect(writtenTime(text)).toBeNaN(),
  );

  test("text, and what DuckDB reads of it, in every precision, are one number; and that number is one text", async () => {
    const micros = fc.bigInt({ min: -(2n ** 51n), max: 2n ** 52n });
    const drawn = fc.sample(micros, { numRuns: 400, seed: 3 });
    const folderOf = path.join(folder, "precisions.parquet");
    const values = drawn.map((value) => `(${value})`).join(", ");
    await withConnection((connection) =>
      connection.run(`COPY (SELECT make_timestamp(us) AS us, make_timestamp(us)::TIMESTAMP_NS AS ns, make_timestamp(us - (us % 1000 + 1000) % 1000)::TIMESTAMP_MS AS ms,
        make_timestamp(us - (us % 1000000 + 1000000) % 1000000)::TIMESTAMP_S AS s, make_timestamp(us)::TIMESTAMPTZ AS tz, make_timestamp(us)::DATE AS day,
        make_timestamp(us)::VARCHAR AS text, [make_timestamp(us)] AS list FROM (VALUES ${values}) drawn(us)) TO '${folderOf}'`),
    );
    const read = await (await openTable(folderOf)).read();
    const numbers = (name: string) => [...(read.get(name) as { values: Float64Array }).values];
    const text = read.get("text") as TextColumn;
    const texts = [...text.codes].map((code) => text.words[code]!);
    expect(numbers("us")).toEqual(texts.map(writtenTime));
    expect(numbers("ns")).toEqual(numbers("us"));
    expect(numbers("tz")).toEqual(numbers("us"));
    expect(numbers("ms")).toEqual(drawn.map((value) => Number(floor(value, 1000n))));
    expect(numbers("s")).toEqual(drawn.map((value) => Number(floor(value, 1_000_000n)) * 1000));
    expect(numbers("day")).toEqual(drawn.map((value) => Number(floor(value, 86_400_000_000n)) * 86_400_000));
    expect([...(read.get("list") as { items: { values: Float64Array } }).items.values]).toEqual(numbers("us"));
    for (const [at, time] of numbers("us").entries()) {
      const whole = drawn[at]! % 86_400_000_000n === 0n;
      expect(timeText(time)).toBe(whole ? texts[at]!.slice(0, 10) : texts[at]);
      expect(writtenTime(timeText(time))).toBe(time);
    }
    const again = await (await openTable(folderOf)).toParquet(path.join(folder, "precisions-again.parquet"));
    const second = await (await openTable(again)).read(["us", "list"]);
    expect([...(second.get("us") as { values: Float64Array }).values]).toEqual(numbers("us"));
    expect([...(second.get("list") as { items: { values: Float64Array } }).items.values]).toEqual(numbers("us"));
  });
});

const floor = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;
