/** Devices, FIFOs, sockets, folders and endless files in the place of every kind of file that is read whole. */

import { execFileSync } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { loadRun } from "../../src/api/model/load-run.js";
import { pepnet } from "../../src/api/model/model.js";
import { openPipeline } from "../../src/api/pipeline.js";
import { loadModel } from "../../src/api/served-model.js";
import { idFeature } from "../../src/core/builder/id-feature.js";
import { PepnetError } from "../../src/core/errors/index.js";
import { taobaoLike } from "../../src/core/samples/generate/taobao.js";
import { readCheckpoint } from "../../src/core/train/saved/run.js";
import { readSafetensors } from "../../src/core/train/saved/weights.js";
import { withSignal } from "../../src/core/util/interrupt.js";
import { readNotebook } from "../../src/kernel/notebook/files.js";

const model = pepnet()
  .features(idFeature("user_id").buckets(200).embedding(4), idFeature("adgroup_id").buckets(150).embedding(4))
  .labels("clk")
  .group("uia", ["user_id"])
  .ppnet({ hidden: [8] })
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .train({ batchSize: 64, seed: 3 });

let folder: string;
const at = (...parts: string[]): string => path.join(folder, ...parts);
/** A file that must not be read, made at a path. */
const kinds: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  "a device without an end": (file) => symlink("/dev/zero", file),
  "a FIFO": async (file) => execFileSync("mkfifo", [file]),
  "a socket": (file) => new Promise<void>((resolve) => createServer().unref().listen(file, resolve)),
  "a folder": (file) => mkdir(file),
  // Sparse: it takes no room on the disk.
  "a file of 8 TB": async (file) => {
    await writeFile(file, "");
    await truncate(file, 8e12);
  },
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-strange-"));
  const data = await dataset(taobaoLike({ rows: 300, seed: 3, users: 200, ads: 150 }).columns);
  const run = await model.fit(data, { steps: 2, quiet: true, checkpoints: at("training") });
  await run.save(at("run"));
  await run.export(at("served"));
  await copyFile(at("run/weights.safetensors"), at("weights.safetensors"));
  await run.dispose();
  await writeFile(at("pipeline.config"), model.toConfig());
});
afterAll(() => rm(folder, { recursive: true }));

/** Every way in: with a path that it reads, or a folder of which it reads a part. */
const files: Readonly<Record<string, (file: string) => unknown>> = {
  "a config": (file) => openPipeline(file),
  "the config of TorchEasyRec's model": (config) =>
    pepnet.fromTorchEasyRec({ config, weights: at("weights.safetensors") }),
  "the weights of TorchEasyRec's model": (weights) =>
    pepnet.fromTorchEasyRec({ config: at("pipeline.config"), weights }),
  "a weight file": (file) => readSafetensors(file),
  "weights to start from": (weights) =>
    model.fit(taobaoLike({ rows: 300 }).columns, { steps: 1, weights, quiet: true }),
  "a notebook": (file) => readNotebook(file),
  "a vocabulary": (file) =>
    pepnet()
      .features(idFeature("user_id").vocabFile(file).embedding(4))
      .labels("clk")
      .tower("ctr", (t) => t.label("clk").mlp(8).bce())
      .fit({ user_id: ["a", "b"], clk: [0, 1] }, { steps: 1, quiet: true }),
};
const parts: Readonly<Record<string, readonly [string, (folder: string) => unknown]>> = {
  "run.json": ["run", loadRun],
  "spec.json": ["run", loadRun],
  "history.json": ["run", loadRun],
  "weights.safetensors": ["run", loadRun],
  "checksums.sha256": ["run", loadRun],
  "training.json": ["training", readCheckpoint],
  "optimizer.safetensors": ["training", readCheckpoint],
  "encoders.json": ["served", loadModel],
  "model.onnx": ["served", loadModel],
};

const refused = async (work: () => unknown, file: string): Promise<void> => {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(PepnetError);
  expect((error as PepnetError).message).toContain(file);
  expect((error as PepnetError).message).toMatch(/regular file|too large|ENXIO|received: a folder|cannot read the run/);
};

let count = 0;
describe.runIf(process.platform === "linux").each(Object.keys(kinds))("%s is refused as", (kind) => {
  const make = kinds[kind]!;

  it.each(Object.keys(files))("%s", async (name) => {
    const file = at(`file-${count++}`);
    await make(file);
    await refused(() => files[name]!(file), file);
  });

  it.each(Object.keys(parts))("%s of a folder", async (part) => {
    const [whole, open] = parts[part]!;
    const copy = at(`folder-${count++}`);
    await cp(at(whole), copy, { recursive: true });
    await rm(path.join(copy, part));
    await make(path.join(copy, part));
    await refused(() => open(copy), part);
  });
});

it("a regular file that gives more than its size, as those of /proc, ends", async () => {
  await expect(readSafetensors("/proc/self/environ")).rejects.toThrow(/not a complete safetensors file/);
});

it("an abort ends the reading of a large file", async () => {
  await writeFile(at("large.safetensors"), "");
  await truncate(at("large.safetensors"), 1e9);
  const stop = new AbortController();
  const reading = withSignal(stop.signal, () => readSafetensors(at("large.safetensors")));
  stop.abort(new Error("stopped by a signal"));
  await expect(reading).rejects.toThrow("stopped by a signal");
  const run = model.fit(taobaoLike({ rows: 300, users: 200, ads: 150 }).columns, {
    weights: at("large.safetensors"),
    signal: stop.signal,
    quiet: true,
  });
  await expect(run).rejects.toThrow("stopped by a signal");
});
