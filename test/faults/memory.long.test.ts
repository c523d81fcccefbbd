/** 20,000 steps of a small model, evaluations and checkpoints included: the process grows no larger. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { columns, model } from "../kernel/cli/command.js";

it("20,000 steps stay flat: resident memory within 5% after the first 4,000", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-flat-"));
  const sizes: { step: number; bytes: number }[] = [];
  await model.train({ batchSize: 32, gradientAccumulation: 1 }).fit(columns(6400, 1), {
    validation: columns(500, 2),
    evaluationsPerEpoch: 1,
    checkpoints: { folder: path.join(folder, "run"), everySteps: 1000 },
    quiet: true,
    steps: 20_000,
    onProgress: ({ step }) => void sizes.push({ step, bytes: process.memoryUsage.rss() }),
  });
  await rm(folder, { recursive: true });
  const peak = (from: number, to: number): number =>
    Math.max(...sizes.filter(({ step }) => step >= from && step < to).map(({ bytes }) => bytes));
  expect(sizes.at(-1)?.step).toBe(20_000);
  const [early, late] = [peak(4000, 8000), peak(16_000, 20_001)];
  console.log(
    `peak resident memory of steps 4,000–8,000 ${(early / 1e6).toFixed(0)} MB, of 16,000–20,000 ${(late / 1e6).toFixed(0)} MB`,
  );
  expect(late).toBeLessThan(1.05 * early);
}, 1_800_000);
