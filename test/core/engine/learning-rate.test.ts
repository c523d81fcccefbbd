/** Learning rates at the steps where TorchEasyRec's schedules turn. */
import { expect, test } from "vitest";
import { learningRate } from "../../../src/core/engine/core/sparse-optimizer.js";
import type { LearningRateSpec } from "../../../src/core/spec/training.js";

const at = (schedule: LearningRateSpec, steps: readonly number[], base = 0.1) =>
  steps.map((step) => Number(learningRate(schedule, base, step, 0).toFixed(6)));

const warm = { warmupLearningRate: 0.02, warmupSize: 4, minLearningRate: 0.001, byEpoch: false };

test("constant", () => {
  expect(at({ kind: "constant" }, [0, 1000])).toEqual([0.1, 0.1]);
});

test("exponential decay: a line up in the warm-up, then stairs or a curve down to the least rate", () => {
  const decay = { kind: "exponential_decay", decaySize: 10, decayFactor: 0.5, ...warm } as const;
  expect(at({ ...decay, staircase: true }, [0, 2, 4, 13, 14, 23, 24, 1000])).toEqual([
    0.02, 0.06, 0.1, 0.1, 0.05, 0.05, 0.025, 0.001,
  ]);
  expect(at({ ...decay, staircase: false }, [4, 9, 14])).toEqual([0.1, Number((0.1 * Math.SQRT1_2).toFixed(6)), 0.05]);
});

test("manual steps change after their boundary, and warm up to the first of them", () => {
  const manual = { kind: "manual_step", scheduleSizes: [10, 20], learningRates: [0.05, 0.01], byEpoch: false } as const;
  expect(at({ ...manual, warmup: false }, [0, 10, 11, 20, 21])).toEqual([0.1, 0.1, 0.05, 0.05, 0.01]);
  expect(at({ ...manual, warmup: true }, [0, 5, 10, 11])).toEqual([0.1, 0.075, 0.05, 0.05]);
});

test("cosine annealing ends at the least rate and stays there", () => {
  const cosine = { kind: "cosine_annealing", tMax: 10, ...warm } as const;
  expect(at(cosine, [0, 4, 9, 14, 100])).toEqual([0.02, 0.1, 0.0505, 0.001, 0.001]);
});

test("cosine annealing begins anew, each period longer by the factor", () => {
  const restarts = { kind: "cosine_annealing_warm_restarts", t0: 10, ...warm } as const;
  expect(at({ ...restarts, tMult: 1 }, [4, 9, 14, 19])).toEqual([0.1, 0.0505, 0.1, 0.0505]);
  expect(at({ ...restarts, tMult: 2 }, [4, 14, 24, 34])).toEqual([0.1, 0.1, 0.0505, 0.1]);
});

test("by epoch, only finished epochs count", () => {
  const schedule = {
    kind: "exponential_decay",
    decaySize: 1,
    decayFactor: 0.5,
    staircase: true,
    ...warm,
    warmupSize: 0,
    byEpoch: true,
  } as const;
  expect(learningRate(schedule, 0.1, 500, 0.9)).toBe(0.1);
  expect(learningRate(schedule, 0.1, 500, 2)).toBe(0.025);
});

test("a rate of 0 stays 0 under every schedule", () => {
  expect(at({ kind: "cosine_annealing", tMax: 10, ...warm }, [0, 2, 50], 0)).toEqual([0, 0, 0]);
});
