/** Planted half-lives and logs without drift, with trained models: 20 and 100 calls of `fitDays`. */
import { expect, it } from "vitest";
import type { DailyTraining } from "../../../src/index.js";
import { dayLog, tasteModel } from "./logs.js";

const log = { days: 20, rowsPerDay: 1500 } as const;
const quiet = { days: 12, rowsPerDay: 800, halfLife: null } as const;
const shorter = { start: "5d", window: "3d" } as const;
const settings = { start: "7d", epochs: 2, quiet: true } as const;

const claims = ({ facts: { sentences } }: DailyTraining): string[] =>
  sentences.filter((text) => /old loses \d/.test(text));

it.each([
  [4, "7d"],
  [2, "3d"],
])("a half-life of %s days is within its interval in at least 18 of 20 logs", async (halfLife, window) => {
  let covered = 0;
  for (let seed = 101; seed <= 120; seed++) {
    const days = await tasteModel.fitDays(await dayLog({ ...log, halfLife, seed }), { ...settings, window });
    const { low, high } = days.facts.halfLives.find(({ domain }) => domain === -1)!;
    covered += Number(low !== null && low <= halfLife && halfLife <= high!);
    expect(claims(days)).not.toEqual([]);
  }
  expect(covered).toBeGreaterThanOrEqual(18);
});

it("without drift, at most 5 of 100 logs have a sentence on ageing", async () => {
  let claimed = 0;
  for (let seed = 201; seed <= 300; seed++) {
    const days = await tasteModel.fitDays(await dayLog({ ...quiet, seed }), { ...settings, ...shorter });
    claimed += Number(claims(days).some((text) => !text.includes("at most")));
  }
  expect(claimed).toBeLessThanOrEqual(5);
}, 1_200_000);
