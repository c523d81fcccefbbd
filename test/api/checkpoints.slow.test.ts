/** Training that survives, from a notebook: resumed to the same bytes, early stopping included; weights by a map. */

import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRun } from "../../src/api/model/load-run.js";
import { fit, interrupted, weights } from "./checkpointed-fits.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-checkpoints-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string): string => path.join(folder, name);

describe("fit with checkpoints", () => {
  it("interrupted and resumed, ends as a training that was never stopped, early stopping included", async () => {
    const stopping = { earlyStopping: { patience: 20, minDelta: 1e-4 }, evaluationsPerEpoch: 5, gates: { rows: 50 } };
    const straight = await fit(stopping);
    const checkpoints = { folder: at("a"), everySteps: 7, existing: "resume" } as const;
    for (const step of [11, 29, 44]) {
      const run = await interrupted(step, { ...stopping, checkpoints });
      expect(run.interrupted).toBe(true);
    }
    const resumed = await fit({ ...stopping, checkpoints });
    expect(resumed.notes.join()).toMatch(/resuming from step \d\d/);
    expect(await weights(resumed)).toEqual(await weights(straight));
    expect(resumed.history.bestStep).toBe(straight.history.bestStep);
    expect(resumed.evaluation?.tasks).toEqual(straight.evaluation?.tasks);
    expect(resumed.gatesHistory).toEqual(straight.gatesHistory);
    const loaded = await loadRun(at("a"));
    expect(loaded.gatesHistory).toEqual(straight.gatesHistory);
    expect(loaded.gatesHistory.length).toBe(loaded.history.evaluations.length);
    expect(await weights(loaded)).toEqual(await weights(straight));
    expect(loaded.history.bestStep).toBe(straight.history.bestStep);
    expect(loaded.evaluation?.tasks).toEqual(straight.evaluation?.tasks);
  });
});
