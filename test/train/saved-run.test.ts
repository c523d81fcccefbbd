import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptySpec } from "../../src/spec/index.js";
import { readRun, type SavedRun, saveRun } from "../../src/train/index.js";

const run: SavedRun = {
  spec: emptySpec,
  weights: new Map([["a.weight", { shape: [2], data: Float32Array.of(1, 2) }]]),
  history: { points: [], evaluations: [], bestStep: null },
  evaluation: null,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-run-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a saved run", () => {
  it("comes back as it was, and replaces an earlier one as a whole", async () => {
    const place = path.join(folder, "run");
    await saveRun(place, run);
    await writeFile(path.join(place, "stray.txt"), "");
    await saveRun(place, { ...run, history: { ...run.history, bestStep: 3 } });
    expect(await readRun(place)).toEqual({ ...run, history: { ...run.history, bestStep: 3 } });
    expect((await readdir(place)).sort()).toEqual(["history.json", "run.json", "spec.json", "weights.safetensors"]);
    expect(await readdir(folder)).toEqual(["run"]);
  });

  it("never replaces a folder that holds something else", async () => {
    const place = path.join(folder, "precious");
    await mkdir(place);
    await writeFile(path.join(place, "thesis.tex"), "");
    await expect(saveRun(place, run)).rejects.toThrow(
      /holds something that is not a saved run; nothing was overwritten/,
    );
    expect(await readdir(place)).toEqual(["thesis.tex"]);
  });

  it("is refused where it is missing, damaged or of another version", async () => {
    await expect(readRun(path.join(folder, "none"))).rejects.toThrow(/none.run\.json: cannot read the run/);
    const place = path.join(folder, "run");
    await saveRun(place, run);
    await truncate(path.join(place, "weights.safetensors"), 20);
    await expect(readRun(place)).rejects.toThrow(/weights\.safetensors: not a whole safetensors file/);
    await writeFile(path.join(place, "run.json"), JSON.stringify({ format: "pepnet-run", formatVersion: 99 }));
    await expect(readRun(place)).rejects.toThrow(/not a run that this version reads[\s\S]*version 99/);
  });
});
