/** Four processes share one cache: all see the same rows, whoever writes them, and nothing is left half-written. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openTable } from "../../../src/core/data/table/open.js";
import { random } from "../../../src/core/util/random.js";

const data = path.resolve(__dirname, "..", "..", "..", "dist", "core", "data");

/** Encodes the file three times, now and then without what the cache has, and prints a digest of the columns. */
const program = `
const { readdirSync, rmSync } = require("node:fs");
const { createHash } = require("node:crypto");
const { openTable } = require(process.argv[2] + "/table/open.js");
const { encodedRows } = require(process.argv[2] + "/encoded/encoded-rows.js");
(async () => {
  const spec = JSON.parse(process.argv[4]);
  for (let time = 0; time < 3; time++) {
    const data = await encodedRows(await openTable(process.argv[3]), spec);
    const hash = createHash("sha256");
    for (const column of data.features.values()) hash.update(column.ids).update(column.offsets ?? "");
    for (const label of data.labels.values()) hash.update(label);
    console.log(hash.digest("hex") + " " + JSON.stringify(data.notes));
    if (process.argv[5] === "remove") for (const name of readdirSync(process.env.PEPNET_CACHE))
      if (name.endsWith(".encoded")) rmSync(process.env.PEPNET_CACHE + "/" + name, { force: true });
  }
})();`;

test("four processes that encode the same file at once agree", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "pepnet-processes-"));
  const cache = path.join(folder, "cache");
  const source = random(1);
  const user_id = Int32Array.from({ length: 40_000 }, () => source.integer(1000));
  const tags = Array.from(user_id, (id) => (id % 3 === 0 ? `${id % 7}|${id % 5}` : ""));
  const log = await (await openTable({ user_id, tags, clk: user_id.map((id) => id % 2) })).toParquet(
    path.join(folder, "log.parquet"),
  );
  const { idSpec, modelSpec, towerSpec } = await import("./specs.js");
  const spec = modelSpec({
    features: [idSpec("user_id", 1000), idSpec("tags", 7, { separator: "|" })],
    labels: ["clk"],
    towers: [towerSpec("ctr", "clk")],
  });
  const script = path.join(folder, "encode.cjs");
  writeFileSync(script, program);
  const run = (what: string) =>
    promisify(execFile)(process.execPath, [script, data, log, JSON.stringify(spec), what], {
      env: { ...process.env, PEPNET_CACHE: cache },
    });
  const outputs = await Promise.all(["keep", "remove", "keep", "remove"].map(run));
  const lines = outputs.flatMap(({ stdout }) => stdout.trim().split("\n"));
  expect(lines).toHaveLength(12);
  expect([...new Set(lines)]).toEqual([expect.stringMatching(/^[0-9a-f]{64} \[\]$/)]);
  expect(readdirSync(cache).filter((name) => !name.endsWith(".encoded"))).toEqual([]);
});
