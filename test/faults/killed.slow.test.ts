/**
 * Training that is killed at random moments, while it saves too, and resumed until it ends: the same bytes as a training
 * that nothing disturbed. `npm run test:faults` kills fifty times; PEPNET_SEED chooses other moments.
 */

import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkpointPlaces, readRun, runPlace } from "../../src/core/train/saved/run.js";
import { random } from "../../src/core/util/random.js";
import { mainFile, type Outcome, pepnetAlone, pepnetIn, writeProject } from "../kernel/cli/command.js";

const kills = process.env["PEPNET_LONG"] ? 50 : 6;
const seed = Number(process.env["PEPNET_SEED"] ?? 1);
const args = ["train", "--config", "pipeline.config", "--save-steps", "10", "--resume"];

let folder: string;
let straightMillis: number;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-faults-"));
  await writeProject(folder);
  const start = performance.now();
  expect((await pepnetAlone(folder, ...args, "--out", "straight")).code).toBe(0);
  straightMillis = performance.now() - start;
});
afterAll(() => rm(folder, { recursive: true }));

/** Starts a training and kills it after so long: whether it was killed before its end. */
async function killedAfter(millis: number, out: string): Promise<boolean> {
  const child = spawn(process.execPath, [mainFile, ...args, "--out", out], { cwd: folder, stdio: "ignore" });
  const closed = new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
  await Promise.race([sleep(millis), closed]);
  child.kill("SIGKILL");
  return (await closed) === "SIGKILL";
}

async function bytesOf(out: string): Promise<Record<string, string>> {
  const names = ["weights.safetensors", "optimizer.safetensors", "run.json", "spec.json"];
  const entries = names.map(async (name) => [name, (await readFile(path.join(folder, out, name))).toString("hex")]);
  return Object.fromEntries(await Promise.all(entries));
}

/** Whoever reads a training's folder gets a whole run, or none before the first checkpoint. */
async function expectReadable(out: string): Promise<void> {
  if ((await checkpointPlaces(path.join(folder, out))).length === 0) return;
  const { weights } = await readRun(await runPlace(path.join(folder, out)));
  expect(weights.size).toBeGreaterThan(10);
}

it(`killed ${kills} times and resumed, ends with the same bytes`, async () => {
  const draw = random(seed);
  const straight = await bytesOf("straight");
  let killed = 0;
  let whileSaving = 0;
  for (let training = 0; killed < kills; training++) {
    const out = `killed-${training}`;
    // Each life is long enough to get on a little and, as a rule, too short to end.
    while (killed < kills && (await killedAfter(straightMillis * (0.35 + 0.5 * draw.uniform()), out))) {
      killed++;
      const left = await readdir(path.join(folder, out)).catch(() => [] as string[]);
      if (left.some((name) => /writing|replaced/.test(name))) whileSaving++;
      await expectReadable(out);
    }
    const last: Outcome = await pepnetIn(folder, ...args, "--out", out);
    expect(last.code, last.err).toBe(0);
    expect(await bytesOf(out)).toEqual(straight);
    expect((await readdir(path.join(folder, out))).filter((name) => /writing|replaced|lock/.test(name))).toEqual([]);
    await rm(path.join(folder, out), { recursive: true });
  }
  console.log(`seed ${seed}: killed ${killed} times, ${whileSaving} of them while a checkpoint was being written`);
}, 1_800_000);
