/** What a study keeps on disk is used only where it is what was written. */

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runStore } from "../../../src/lab/ablation/run-store.js";
import type { RunResult } from "../../../src/lab/ablation/train-run.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-run-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a kept run", () => {
  const result = { tasks: [], seconds: 1, rows: 10 } as unknown as RunResult;

  it("comes back under its key", () => {
    runStore(folder).write("first", result);
    expect(runStore(folder).read("first")).toEqual(result);
  });

  it("is not taken for the run whose name its file has, and a note says so", () => {
    runStore(folder).write("mine", result);
    copyFileSync(path.join(folder, "mine.run"), path.join(folder, "other.run"));
    const store = runStore(folder);
    expect(store.read("other")).toBeNull();
    expect(store.notes).toEqual([expect.stringContaining("its file is a copy of another run's")]);
    expect(store.read("mine")).toEqual(result);
  });
});

describe("a kept plan of seeds", () => {
  it("comes back", () => {
    const looks = [{ seeds: [1, 2], share: 1, stopped: [{ variant: 0, why: "worse in ctr" }] }];
    const plan = { seeds: [[1, 2], [3]], looks };
    runStore(folder).writePlan("kept", plan);
    expect(runStore(folder).readPlan("kept")).toEqual(plan);
  });

  const looks = '"looks":[]';
  it.each([
    "null",
    "{}",
    "3",
    "[1]",
    "[[1,2],[3]]",
    "[",
    "",
    `{"seeds":[[1]]}`,
    `{"seeds":[1],${looks}}`,
    `{"seeds":[["1"]],${looks}}`,
    `{"seeds":[[1.5]],${looks}}`,
    `{"seeds":[[null]],${looks}}`,
    `{"seeds":[[1]],"looks":[null]}`,
    `{"seeds":[[1]],"looks":[{"seeds":[1]}]}`,
  ])("that says %j is as if it were not there", (text) => {
    writeFileSync(path.join(folder, "damaged.plan.json"), text);
    expect(runStore(folder).readPlan("damaged")).toBeNull();
  });
});
