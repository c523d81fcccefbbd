/** The compiled command as a child process, and a small model with data to run it on. */
import { type ChildProcess, execFile, fork, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { random } from "../../../src/core/util/random.js";
import { dataset, idFeature, pepnet, rawFeature } from "../../../src/index.js";

export const mainFile: string = path.resolve(__dirname, "..", "..", "..", "dist/kernel/cli/main.js");

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The process that runs commands, for all test files of this one. */
const shared = globalThis as { pepnetHost?: Host | undefined };

interface Host {
  readonly child: ChildProcess;
  /** Ends with the latest command. */
  latest: Promise<unknown>;
  settle: { resolve(outcome: Outcome): void; reject(error: Error): void } | null;
}

/**
 * Runs the command in `folder`, as a user would from there, but in the process of earlier ones, which has its sources
 * loaded and its models compiled. Commands wait for each other.
 */
export function pepnetIn(folder: string, ...args: string[]): Promise<Outcome> {
  shared.pepnetHost ??= startHost();
  const host = shared.pepnetHost;
  const outcome = host.latest.then(
    () =>
      new Promise<Outcome>((resolve, reject) => {
        host.settle = { resolve, reject };
        host.child.send({ args, cwd: folder, env: process.env });
      }),
  );
  host.latest = outcome.catch(() => {});
  return outcome;
}

function startHost(): Host {
  const child = fork(path.join(__dirname, "command-host.cjs"), [], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const host: Host = { child, latest: Promise.resolve(), settle: null };
  child.on("message", (outcome: Outcome) => host.settle?.resolve(outcome));
  child.on("exit", (code, signal) => {
    shared.pepnetHost = undefined;
    host.settle?.reject(new Error(`the process of the commands ended: ${code ?? signal}`));
  });
  return host;
}

/** Runs the command in `folder` in a process of its own, as a user would from there. */
export function pepnetAlone(folder: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [mainFile, ...args], { cwd: folder }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** Runs it until a line of its output matches, does something to it, and waits for its end: a code or a signal. */
export function pepnetUntil(
  folder: string,
  line: RegExp,
  act: (child: ChildProcess) => void,
  ...args: string[]
): Promise<number | NodeJS.Signals | null> {
  const child = spawn(process.execPath, [mainFile, ...args], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  let seen = "";
  let acted = false;
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    if (acted || !line.test(seen)) return;
    acted = true;
    act(child);
  });
  return new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
}

/**
 * Dropout and shuffling are on, gradients are summed and weights averaged: a resumed run must draw and hold what an
 * uninterrupted one would have drawn and held.
 */
export const model = pepnet()
  .features(idFeature("user").buckets(40).embedding(4), idFeature("scene").buckets(2).embedding(4), rawFeature("price"))
  .labels("clk", "like")
  .group("domain", ["scene"])
  .group("uia", ["user", "price"])
  .epnet()
  .ppnet({ hidden: [8], dropout: 0.1 })
  .domains("scene", ["feed", "search page"])
  .tower("click", (t) => t.label("clk").mlp(8).bce().auc())
  .tower("like", (t) => t.label("like").mlp(8).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
  .train({ epochs: 2, batchSize: 16, shuffle: true, seed: 5, emaDecay: 0.9, gradientAccumulation: 2 });

export function columns(rows: number, seed: number) {
  const source = random(seed);
  const user = Int32Array.from({ length: rows }, () => source.integer(40));
  const scene = Int32Array.from({ length: rows }, () => source.integer(2));
  const price = Float32Array.from({ length: rows }, () => source.normal());
  const clk = user.map((u, row) => ((u + (scene[row] as number)) % 4 < 2 === source.uniform() < 0.85 ? 1 : 0));
  const like = clk.map((click) => (click === 1 && source.uniform() < 0.5 ? 1 : 0));
  return { user, scene, price, clk, like };
}

/** Steps of the model's two epochs on `train.parquet`. */
export const totalSteps = 400;

/** Writes pipeline.config, train.parquet and test.parquet; the config's model_dir is `model`. */
export async function writeProject(folder: string, rows = (totalSteps / 2) * 16): Promise<void> {
  await writeFile(path.join(folder, "pipeline.config"), model.toConfig());
  await (await dataset(columns(rows, 1))).toParquet(path.join(folder, "train.parquet"));
  await (await dataset(columns(500, 2))).toParquet(path.join(folder, "test.parquet"));
}
