/** What a model is worth, trained in made-up logs whose answer is known. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { loadRun } from "../../../src/index.js";
import { alike, type LogWorld, logOf, modelOf, ofTwoKinds, stranger } from "./worth-worlds.js";

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(path.join(tmpdir(), "pepnet-worth-"));
  vi.stubEnv("PEPNET_CACHE", cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

async function measured(world: LogWorld, size: Parameters<typeof modelOf>[1], rows: readonly [number, number]) {
  const [train, test] = [await logOf(world, 1, 1, rows[0]), await logOf(world, 1, 2, rows[1])];
  const run = await modelOf(world, size).fit(train, { validation: test, quiet: true, epochs: 3 });
  return { run, train, test };
}

test("PEPNet gains where scenes differ, few rows are theirs, and the network does not read the scene", async () => {
  const { run, test } = await measured(ofTwoKinds, { readsScene: false }, [4000, 12_000]);
  const worth = await run.worth(test, { user: "user", seeds: 6, quiet: true });
  expect(worth.cell("ctr").verdict).toBe("gains");
  expect(worth.cell("ctr").best!.name).toBe("a model a domain");
  expect(worth.headline).toMatch(/^PEPNet gains in (\d of|all) 6 domains$/);
  expect(worth.cells.filter(({ verdict }) => verdict === "loses")).toEqual([]);
  const chart = await worth.chart();
  expect(chart.title).toBe(worth.headline);
  expect(chart.rows()).toHaveLength(3 * 7);
  expect((await worth.conclusions())[1]).toMatch(/^ctr, all rows: PEPNet is better than all others: \+0\.\d+/);
  expect(JSON.parse(JSON.stringify(worth)).rows).toHaveLength(7);
});

test("a model a domain is better where embeddings are too small for what scenes do not share", async () => {
  const { run, test } = await measured(stranger, { embedding: 1 }, [12_000, 12_000]);
  const worth = await run.worth(test, { user: "user", seeds: 8, quiet: true });
  const cell = worth.cell("ctr");
  expect(cell.verdict).toBe("loses");
  expect(cell.says).toMatch(/^a model a domain is better: \+0\.\d+ \(\+0\.\d+ to \+0\.\d+\)$/);
  expect(worth.cell("ctr", "scene 2").best!.name).toBe("a model a domain");
});

test("trains nothing twice, and asks a loaded run for its rows", async () => {
  const { run, train, test } = await measured(alike, {}, [1200, 1500]);
  const first = await run.worth(test, { seeds: 2, quiet: true });
  expect(first.cells.filter(({ verdict }) => verdict === "gains")).toEqual([]);
  const folder = path.join(cache, "run");
  await run.save(folder);
  const loaded = await loadRun(folder);
  await expect(loaded.worth(test, { quiet: true })).rejects.toThrow("run.worth(test, { train: await dataset(");
  const reused: boolean[] = [];
  const again = await loaded.worth(test, { train, seeds: 2, quiet: true, onRun: ({ kept }) => reused.push(kept) });
  expect(reused).toEqual(Array<boolean>(8).fill(true));
  expect(again.facts.cells).toEqual(first.facts.cells);
  const alone = await modelOf(alike).fit(train, { validation: test, quiet: true, epochs: 1, seeds: 2 });
  await expect(alone.worth(test, { quiet: true })).rejects.toThrow("the mean of several seeds");
});
