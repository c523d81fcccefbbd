import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { pepnet } from "../../src/api/model/model.js";
import type { Run } from "../../src/api/run/run.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { sgd } from "../../src/core/builder/optimizers.js";
import { CheckpointError } from "../../src/core/errors/index.js";
import { readSafetensors } from "../../src/core/train/saved/weights.js";
import { hasShared, sharedPath } from "../shared.js";

const columns = {
  user: Int32Array.from({ length: 64 }, (_, row) => row % 8),
  scene: Int32Array.from({ length: 64 }, (_, row) => row % 2),
  clk: Int32Array.from({ length: 64 }, (_, row) => (row % 3 === 0 ? 1 : 0)),
};

/** Batch norm, whose buffers are weights too. */
const model = pepnet()
  .features(idFeature("user").buckets(8).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("clk")
  .group("domain", ["scene"])
  .epnet()
  .tower("click", (t) =>
    t
      .label("clk")
      .mlp({ hidden: [8], batchNorm: true })
      .bce()
      .auc(),
  )
  .train({ steps: 4, batchSize: 32, seed: 5 });

const options = { validation: null, quiet: true } as const;
let folder: string;
let run: Run;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-weights-"));
  run = await model.fit(await dataset(columns), options);
});
afterAll(() => rm(folder, { recursive: true }));

describe("weights in and out", () => {
  it("are a safetensors file under TorchEasyRec's names, from which another run starts", async () => {
    await run.save(path.join(folder, "saved"));
    const file = path.join(folder, "saved", "weights.safetensors");
    const exported = await readSafetensors(file);
    expect(exported).toEqual(await run.weights());
    expect([...exported.keys()].every((name) => name.startsWith("model."))).toBe(true);
    const still = model.train({ dense: sgd(0), steps: 1 });
    const from = await still.fit(await dataset(columns), { ...options, weights: file, seed: 77 });
    const name = "model.epnet.gate_nu.dense_layers.0.weight";
    expect((await from.weights()).get(name)).toEqual(exported.get(name));
    const fresh = await still.fit(await dataset(columns), { ...options, seed: 77 });
    expect((await fresh.weights()).get(name)).not.toEqual(exported.get(name));
  });

  it("that do not fit are refused by name, all at once", async () => {
    const weights = new Map(await run.weights());
    const [first, second] = [...weights.keys()] as [string, string];
    weights.set("model.other", weights.get(first)!);
    weights.set(second, { shape: [1], data: new Float32Array(1) });
    weights.delete(first);
    const failed = await model.fit(await dataset(columns), { ...options, weights }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CheckpointError);
    expect((failed as CheckpointError).problems.map((problem) => problem.path).sort()).toEqual(
      [`weights: ${first}`, `weights: ${second}`, "weights: model.other"].sort(),
    );
  });

  it.skipIf(!hasShared)("of TorchEasyRec itself are taken, every one of them", async () => {
    const config = await readFile(sharedPath("golden", "whole-run", "pipeline.config"), "utf8");
    const file = sharedPath("golden", "whole-run", "init.safetensors");
    const data = (await dataset(sharedPath("golden", "whole-run", "eval.parquet"))).sample(64);
    const taken = await pepnet.fromConfig(config).fit(data, { ...options, weights: file, steps: 1 });
    const [before, after] = [await readSafetensors(file), await taken.weights()];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, { data: values }] of before) {
      const moved = after.get(name)!.data.map((value, index) => Math.abs(value - (values[index] as number)));
      // One step of Adam moves a weight by its learning rate, of Adagrad by ten times that.
      expect(moved.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(0.051);
    }
  });
});
