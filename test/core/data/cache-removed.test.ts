/** Another process may remove an entry as soon as it has its name: whoever wrote it has its rows all the same. */
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { encodedRows } from "../../../src/core/data/encoded/encoded-rows.js";
import { isStreamed } from "../../../src/core/data/encoded/streamed.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { idSpec, modelSpec, towerSpec } from "./specs.js";

vi.mock("node:fs", { spy: true });
afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ["held in memory", 1024],
  ["read from disk", 0.001],
])("rows %s", async (_, memoryMB) => {
  const folder = mkdtempSync(join(tmpdir(), "pepnet-removed-"));
  vi.stubEnv("PEPNET_CACHE", join(folder, "cache"));
  const user_id = Int32Array.from({ length: 1000 }, (_, row) => row % 7);
  const file = await (await openTable({ user_id, clk: user_id.map((id) => id % 2) })).toParquet(
    join(folder, "a.parquet"),
  );
  const spec = modelSpec({ features: [idSpec("user_id", 7)], labels: ["clk"], towers: [towerSpec("ctr", "clk")] });
  const { renameSync: rename } = await vi.importActual<typeof import("node:fs")>("node:fs");
  let removed = "";
  vi.mocked(renameSync).mockImplementationOnce((from, to) => {
    rename(from, to);
    removed = String(to);
    rmSync(to);
  });
  const data = await encodedRows(await openTable(file), spec, { memoryMB });
  expect(removed).toMatch(/\.encoded$/);
  expect(data.notes).toEqual([]);
  expect(isStreamed(data)).toBe(memoryMB < 1);
  const rows = isStreamed(data) ? await data.take(Int32Array.from(user_id.keys())) : data;
  expect(rows.features.get("user_id")).toMatchObject({ kind: "ids", ids: user_id });
});
