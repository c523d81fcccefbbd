/** The command trains, survives a kill, evaluates and exports what TorchEasyRec trains. See test/cli and test/faults. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pepnet } from "../../src/api/model/model.js";
import { checkpointPlaces } from "../../src/core/train/saved/run.js";
import { model, pepnetAlone, pepnetIn, pepnetUntil, writeProject } from "../kernel/cli/command.js";

const train = ["train", "--config", "pipeline.config", "--save-steps", "20", "--resume"];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-smoke-"));
  await writeProject(folder);
});
afterAll(() => rm(folder, { recursive: true }));

it("a training that is killed and resumed ends with the bytes of one that is not", async () => {
  const straight = await pepnetIn(folder, ...train, "--out", "straight");
  expect(straight.code, straight.err).toBe(0);
  const end = await pepnetUntil(folder, /step=200 /, (child) => child.kill("SIGKILL"), ...train, "--out", "killed");
  expect(end).toBe("SIGKILL");
  expect((await checkpointPlaces(path.join(folder, "killed"))).length).toBeGreaterThan(0);
  expect(await readdir(path.join(folder, "killed"))).not.toContain("run.json");
  const resumed = await pepnetIn(folder, ...train, "--out", "killed");
  expect(resumed.code, resumed.err).toBe(0);
  expect(resumed.out).not.toContain("step=100 ");
  for (const name of ["weights.safetensors", "optimizer.safetensors", "run.json"]) {
    const bytes = (run: string): Promise<Buffer> => readFile(path.join(folder, run, name));
    expect((await bytes("killed")).equals(await bytes("straight")), name).toBe(true);
  }
});

it("a saved run is evaluated and exported, and the exported config is the model", async () => {
  const evaluated = await pepnetIn(folder, "eval", "--run", "straight", "--data", "test.parquet");
  expect(evaluated.err).toBe("");
  expect(evaluated.out).toMatch(/click.*search page/);
  const files = ["--data", "train.parquet", "--eval", "test.parquet", "--out", "cluster"];
  const exported = await pepnetIn(folder, "export", "torcheasyrec", "--run", "straight", ...files);
  expect(exported.code, exported.err).toBe(0);
  const config = await readFile(path.join(folder, "cluster", "pipeline.config"), "utf8");
  const again = pepnet.fromConfig(config);
  expect(again.spec.towers.map(({ name }) => name)).toEqual(model.spec.towers.map(({ name }) => name));
});

it("a mistyped option is named, and the command fails", async () => {
  const { code, err } = await pepnetAlone(folder, "train", "--confg", "pipeline.config");
  expect(code).not.toBe(0);
  expect(err).toContain("config");
});
