/** Planted twins, planted numbers of rows and logs whose domains are the same: 20, 20 and 100 launches. */
import { expect, it } from "vitest";
import { claimedStart, launchOf, trueCrossing } from "./planted.js";

const seeds = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

it("names the planted twin in at least 18 of 20 logs, and never another domain", async () => {
  const claims: (string | null)[] = [];
  for (const seed of seeds(101, 20)) claims.push(claimedStart(await launchOf({ rows: 18_000, seed })));
  expect(claims.filter((start) => start === "from feed").length).toBeGreaterThanOrEqual(18);
  expect(claims).not.toContain("from shop");
}, 900_000);

it("the rows from which its own tower pays are within a factor of two in at least 15 of 20 logs", async () => {
  const matters = 0.02;
  let [near, covered] = [0, 0];
  for (const seed of seeds(401, 20)) {
    const world = { rows: 30_000, twin: 0.8, seed };
    const truth = await trueCrossing(world, matters, 12);
    const { from } = (await launchOf(world, { matters, rows: [300, 1000, 3000] })).ownTower("from feed", "ctr")!;
    near += Number(from.value !== null && from.value <= 2 * truth && truth <= 2 * from.value);
    covered += Number(from.low !== null && from.low <= truth && (from.high === null || truth <= from.high));
  }
  expect(near).toBeGreaterThanOrEqual(15);
  expect(covered).toBeGreaterThanOrEqual(17);
}, 1_800_000);

it("where all domains are the same, at most 5 of 100 logs have a best start", async () => {
  let claimed = 0;
  for (const seed of seeds(301, 100)) {
    const world = { rows: 6000, twin: 1, alike: 1, heavy: seed % 2 === 0, seed };
    claimed += Number(claimedStart(await launchOf(world, { rows: [300, 800] })) !== null);
  }
  expect(claimed).toBeLessThanOrEqual(5);
}, 1_800_000);
