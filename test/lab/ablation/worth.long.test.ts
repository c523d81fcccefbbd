/** How often `run.worth` claims a gain in logs whose domains do not differ: whole trainings, sessions and heavy users. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, test, vi } from "vitest";
import { expectRates, triedRates } from "../../rates.js";
import { alike, logOf, modelOf } from "./worth-worlds.js";

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-worth-"));
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test("where scenes do not differ, few logs show a gain", { timeout: 3_600_000 }, async () => {
  const rates = await triedRates([{ name: "logs with a gain of PEPNet", of: 60, atMost: 7 }], async (world) => {
    const [train, rows] = [await logOf(alike, world, 1, 1600), await logOf(alike, world, 2, 3000)];
    const run = await modelOf(alike).fit(train, { validation: rows, quiet: true, epochs: 2 });
    const { cells } = await run.worth(rows, { user: "user", seeds: 4, quiet: true, cache: false });
    await run.dispose();
    return [cells.some(({ verdict }) => verdict === "gains")];
  });
  expectRates(rates);
});
