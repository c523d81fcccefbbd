import { describe, expect, test } from "vitest";
import { emptySpec } from "../../../src/core/spec/model.js";
import { isAutomaticLength, mostBatchRows, resolveTraining } from "../../../src/core/spec/training.js";

const { training } = emptySpec;

describe("training settings that nobody set", () => {
  test.each([
    [100, 64],
    [7_000, 64],
    [10_142, 128],
    [26_049, 256],
    [51_000, 512],
    [80_000, 1024],
    [10_000_000, 1024],
  ])("%d rows: a batch of %d, a hundredth of the rows to a power of 2", (rows, batchSize) => {
    expect(resolveTraining(training, rows).batchSize).toBe(batchSize);
  });

  test.each([
    [1, 10],
    [1_000_000, 10],
    [2_500_000, 4],
    [50_000_000, 1],
  ])("%d rows: %d epochs", (rows, epochs) => {
    expect(resolveTraining(training, rows)).toMatchObject({ epochs, steps: null });
  });

  test("keep what was set, each for itself", () => {
    expect(resolveTraining({ ...training, batchSize: 32 }, 1e6)).toMatchObject({ batchSize: 32, epochs: 10 });
    expect(resolveTraining({ ...training, steps: 7 }, 1e6)).toMatchObject({ steps: 7, epochs: null, batchSize: 1024 });
    expect(isAutomaticLength({ epochs: null, steps: 7 })).toBe(false);
    expect(mostBatchRows(training)).toBe(1024);
  });
});
