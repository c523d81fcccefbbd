/**
 * Training that is interrupted at random moments as terminals, pipes and schedulers do it, and resumed: killed under a
 * pipe, Ctrl-C in `2>&1 | tee`, a reader that is gone, Ctrl-Z with another process that tries to go on, or does. Between
 * these, resuming with other threads or other validation rows is refused. At the end the same bytes as a training that
 * nothing disturbed. `npm run test:faults` interrupts thirty times; PEPNET_SEED chooses other moments.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataset } from "../../src/api/data/dataset.js";
import { checkpointPlaces, readRunIn } from "../../src/core/train/saved/run.js";
import { random } from "../../src/core/util/random.js";
import { columns, mainFile, type Outcome, pepnetIn, writeProject } from "../kernel/cli/command.js";

const times = process.env["PEPNET_LONG"] ? 30 : 5;
const seed = Number(process.env["PEPNET_SEED"] ?? 1);
const args = ["train", "--config", "pipeline.config", "--save-steps", "10", "--log-steps", "1", "--threads", "2"];
const out = "disturbed";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-interrupted-"));
  await writeProject(folder);
  const rows = columns(500, 2);
  await (await dataset(columns(500, 3))).toParquet(path.join(folder, "other-rows.parquet"));
  const flipped = { ...rows, clk: rows.clk.map((label, row) => (row === 499 ? 1 - label : label)) };
  await (await dataset(flipped)).toParquet(path.join(folder, "other-labels.parquet"));
  expect((await pepnetIn(folder, ...args, "--out", "straight")).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true }));

/** A training in a process group of its own, with everything that it wrote. */
interface Training {
  readonly child: ChildProcess;
  readonly written: () => string;
  readonly closed: Promise<number | NodeJS.Signals | null>;
}

/** @param shell what the shell does with the training, `$train`; left out: it runs by itself */
function start(shell?: string): Training {
  const words = [process.execPath, mainFile, ...args, "--out", out, "--resume"];
  const script = `trap : INT\ntrain() { ${words.map((word) => `'${word}'`).join(" ")}; }\n${shell}`;
  const [command, ...rest] = shell === undefined ? words : ["bash", "-c", script];
  const child = spawn(command as string, rest, { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (written += chunk.toString()));
    stream?.on("error", () => undefined);
  }
  const closed = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on("exit", (code, signal) => resolve(code ?? signal)),
  );
  return { child, written: () => written, closed };
}

/** Lets it take so many steps of its own; false where it ended before. */
async function steps(training: Training, count: number): Promise<boolean> {
  let isOver = false;
  void training.closed.then(() => (isOver = true));
  while (!isOver && (training.written().match(/^step /gm)?.length ?? 0) < count) await sleep(10);
  return !isOver;
}

/** Whether there was anybody to signal; 0 only asks. */
function signalGroup({ child }: Training, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-(child.pid as number), signal);
  } catch {
    return false;
  }
}

const locks = async (): Promise<string[]> =>
  (await readdir(path.join(folder, out)).catch(() => [] as string[])).filter((name) => name.includes("lock"));

/** Each interrupts a training that has taken some steps. */
const interruptions: Readonly<Record<string, (count: number) => Promise<void>>> = {
  async "killed under a pipe"(count) {
    const training = start("train 2>&1 | cat");
    if (await steps(training, count)) signalGroup(training, "SIGKILL");
    await training.closed;
    while (signalGroup(training, 0)) await sleep(10); // the shell may be gone before the training
  },
  async "Ctrl-C in a pipe"(count) {
    const training = start(`train 2>&1 | tee log\nexit "\${PIPESTATUS[0]}"`);
    const was = await steps(training, count);
    signalGroup(training, "SIGINT");
    const code = await training.closed;
    if (was) expect([0, 130]).toContain(code);
    expect(await locks()).toEqual([]);
  },
  async "ended by a scheduler, its reader gone"(count) {
    const training = start();
    const was = await steps(training, count);
    training.child.stdout?.destroy();
    training.child.stderr?.destroy();
    await sleep(20);
    signalGroup(training, "SIGTERM");
    const code = await training.closed;
    if (was) expect([0, 143]).toContain(code);
    expect(await locks()).toEqual([]);
  },
  async "Ctrl-Z, tried by another, fg, Ctrl-C"(count) {
    const training = start();
    if (await steps(training, count)) {
      signalGroup(training, "SIGSTOP");
      const other = await pepnetIn(folder, ...args, "--out", out, "--resume");
      expect(other).toMatchObject({ code: 1, out: "" });
      expect(other.err).toMatch(/another training writes to this folder/);
      signalGroup(training, "SIGCONT");
      signalGroup(training, "SIGINT");
    }
    expect([0, 130]).toContain(await training.closed);
    expect(await locks()).toEqual([]);
  },
  async "Ctrl-Z, taken over, fg"(count) {
    const stopped = start();
    if (!(await steps(stopped, count))) return;
    signalGroup(stopped, "SIGSTOP");
    // As the error of another one says that it may be done.
    for (const lock of await locks()) await rm(path.join(folder, out, lock), { recursive: true });
    const other = start();
    await steps(other, count + 15);
    signalGroup(other, "SIGINT");
    await other.closed;
    const before = await bytesOf(out);
    signalGroup(stopped, "SIGCONT");
    expect(await stopped.closed).toBe(1);
    expect(stopped.written()).toMatch(/✗ .*another training has taken over this folder/);
    expect(await bytesOf(out)).toEqual(before);
  },
};

async function bytesOf(run: string): Promise<Record<string, string>> {
  const { place } = await readRunIn(path.join(folder, run));
  const names = ["weights.safetensors", "optimizer.safetensors", "run.json", "spec.json"];
  const entries = names.map(async (name) => [name, (await readFile(path.join(place, name))).toString("hex")]);
  return Object.fromEntries(await Promise.all(entries));
}

/** Resuming as another training is refused, and changes nothing. */
async function expectRefusals(): Promise<void> {
  if ((await checkpointPlaces(path.join(folder, out))).length === 0) return;
  const before = await bytesOf(out);
  const resume = (...more: string[]): Promise<Outcome> => pepnetIn(folder, ...args, "--out", out, "--resume", ...more);
  for (const [message, more] of [
    [/another number of threads/, ["--threads", "1"]],
    [/validation data differ/, ["--eval", "other-rows.parquet"]],
    [/validation data differ/, ["--eval", "other-labels.parquet"]],
    [/validation data differ/, ["--no-eval"]],
  ] as const) {
    const { code, err } = await resume(...more);
    expect(err).toMatch(message);
    expect(code).toBe(1);
  }
  expect(await bytesOf(out)).toEqual(before);
}

it(`interrupted ${times} times and resumed, ends with the same bytes`, async () => {
  const draw = random(seed);
  const straight = await bytesOf("straight");
  const kinds = Object.keys(interruptions);
  for (let time = 0; time < times; time++) {
    const kind = kinds[time % kinds.length] as string;
    await interruptions[kind]?.(1 + draw.integer(60));
    if (time % kinds.length === kinds.length - 1) await expectRefusals();
    const top = await readdir(path.join(folder, out)).catch(() => [] as string[]);
    if (top.includes("run.json") || time === times - 1) {
      const last = await pepnetIn(folder, ...args, "--out", out, "--resume");
      expect(last.code, `${kind}: ${last.err}`).toBe(0);
      expect(await bytesOf(out), kind).toEqual(straight);
      const left = (await readdir(path.join(folder, out))).filter((name) => /lock|damaged|unfinished/.test(name));
      expect(left).toEqual([]);
      await rm(path.join(folder, out), { recursive: true });
    }
  }
}, 1_800_000);
