/** What domains learn from each other, in two small trainings each. Worlds of known truth, in test/domains, are slow. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { model, rows } from "../lab/gates/planted.js";

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-smoke-transfer-"));
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

it("a map of transfer has each source and domain, and trains on the rows that it says", async () => {
  const short = model.train({ batchSize: 128, epochs: 1 });
  const map = await short.transfer(rows(1_500, 1, true), { validation: rows(800, 2, true), seeds: 2, quiet: true });
  const pairs = map.rows().map(({ source, domain }) => `${source} → ${domain}`);
  expect(pairs.sort()).toEqual(["all others → <b>live</b>", "all others → feed"]);
  for (const { says, change } of map.rows())
    expect([says, Number.isFinite(change)]).toEqual([expect.any(String), true]);
  expect(map.study.notes.filter((note) => note.startsWith("the model, in"))).toEqual([]);
  expect((await map.chart()).title).not.toBe("");
});
