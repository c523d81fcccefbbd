/** `train.sh` on several hosts: before training, each proves that it has the same folder as host 0. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pathWithTools, readmeFor, scriptFor } from "./train-script.js";

let root: string;
let toolPath: string;
let folder: string;
let copy: string;
let tests = 0;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "pepnet-hosts-"));
  toolPath = await pathWithTools(root, { torchrun: 'echo torchrun "$@"', python: 'echo python "$@"' });
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  const place = path.join(root, `test ${tests++}`);
  [folder, copy] = [path.join(place, "one folder"), path.join(place, "its copy")];
  for (const each of [folder, copy]) {
    await mkdir(each, { recursive: true });
    await writeFile(path.join(each, "train.sh"), scriptFor({ rows: 1000, batchSize: 64, steps: 10 }));
  }
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Host {
  /** When the host has said that it waits for the others. */
  readonly waits: Promise<void>;
  readonly ended: Promise<Outcome>;
  /** As a cluster ends a job that it starts again elsewhere. */
  kill(): void;
}

type Variables = Readonly<Record<string, string>>;

function start(place: string, variables: Variables, options: readonly string[] = []): Host {
  return bash([path.join(place, "train.sh"), ...options], os.tmpdir(), variables);
}

function bash(words: readonly string[], cwd: string, variables: Variables): Host {
  const { NNODES: _nodes, NODE_RANK: _rank, MASTER_ADDR: _address, ...outer } = process.env;
  // With a socket as input, bash may take itself for a remote shell, and read a ~/.bashrc that changes PATH.
  const env = { ...outer, PATH: toolPath, ...variables };
  const child = spawn("bash", words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { out: "", err: "" };
  child.stdout.on("data", (part: Buffer) => {
    text.out += part.toString();
  });
  const ended = new Promise<Outcome>((resolve) => child.on("close", (code) => resolve({ code, ...text })));
  const waits = new Promise<void>((resolve) => {
    child.stderr.on("data", (part: Buffer) => {
      text.err += part.toString();
      if (/waits up to/.test(text.err)) resolve();
    });
    child.on("close", () => resolve());
  });
  return { waits, ended, kill: () => child.kill("SIGKILL") };
}

function host(place: string, rank: number, hosts = 2, more: Variables = {}, options: readonly string[] = []): Host {
  const variables = { NNODES: `${hosts}`, NODE_RANK: `${rank}`, MASTER_ADDR: "10.0.0.1", HOSTS_WAIT: "60", ...more };
  return start(place, variables, options);
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const files = async (place: string): Promise<string[]> => (await readdir(place)).sort();

/** Whether the processes share training as TorchEasyRec's documentation asks, and host 0 alone converts. */
function expectTrained(outcomes: readonly Outcome[]): void {
  for (const [rank, { code, out, err }] of outcomes.entries()) {
    expect(code, err).toBe(0);
    expect(out).toContain(`torchrun --master_addr=10.0.0.1`);
    expect(out).toContain(`--nnodes=${outcomes.length} --node_rank=${rank} `);
    expect(out.includes("python convert_weights.py")).toBe(rank === 0);
  }
}

describe("hosts that share the folder", () => {
  it("train, whichever starts first, and leave no file behind", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const started = new Map<number, Host>();
      for (const rank of order) {
        const one = host(folder, rank);
        started.set(rank, one);
        await one.waits;
      }
      expectTrained(await Promise.all([0, 1].map((rank) => started.get(rank)!.ended)));
      expect(await files(folder)).toEqual(["train.sh"]);
    }
  });

  it("train when one starts some seconds later", async () => {
    const first = host(folder, 0);
    await first.waits;
    await later(1500);
    const second = host(folder, 1);
    expectTrained(await Promise.all([first.ended, second.ended]));
    expect(await files(folder)).toEqual(["train.sh"]);
  });

  it("train as twelve, where a number is the start of another", async () => {
    const most = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((rank) => host(folder, rank, 12, { HOSTS_WAIT: "20" }));
    await Promise.all(most.map(({ waits }) => waits));
    await later(1000); // by when host 0 has seen the answer of host 10, which is not host 1
    const started = [most[0]!, host(folder, 1, 12, { HOSTS_WAIT: "20" }), ...most.slice(1)];
    expectTrained(await Promise.all(started.map(({ ended }) => ended)));
    expect(await files(folder)).toEqual(["train.sh"]);
  });

  it("train when one of them was killed and started again", async () => {
    const first = host(folder, 0, 3);
    const killed = host(folder, 1, 3);
    await Promise.all([first.waits, killed.waits]);
    await later(1000); // by when host 0 has seen the answer
    killed.kill();
    await killed.ended;
    const started = [first, host(folder, 1, 3), host(folder, 2, 3)];
    expectTrained(await Promise.all(started.map(({ ended }) => ended)));
    expect(await files(folder)).toEqual(["train.sh"]);
  });

  it("may have copies of the folder if they share the model's", async () => {
    const shared = path.join(root, "a shared place", "model 1");
    const started = [folder, copy].map((place, rank) => host(place, rank, 2, {}, ["2", "--model_dir", shared]));
    expectTrained(await Promise.all(started.map(({ ended }) => ended)));
    expect(await files(path.dirname(shared))).toEqual([]);
  });
});

describe("hosts that do not share the folder", () => {
  it("both end before training, and say which folder, what came and what to do", async () => {
    const waiting = { HOSTS_WAIT: "1" };
    const [first, second] = await Promise.all([host(folder, 0, 2, waiting).ended, host(copy, 1, 2, waiting).ended]);
    expect([first.code, first.out, second.code, second.out]).toEqual([2, "", 2, ""]);
    expect(first.err).toContain(`Host 0 of 2 waits up to 1 seconds until all see the same files in ${folder}\n`);
    expect(first.err).toContain(
      "            NNODES=2 NODE_RANK=0 MASTER_ADDR=10.0.0.1 HOSTS_WAIT=900 bash train.sh 1\n",
    );
    expect(first.err).toContain("Nothing was trained: within 1 seconds, host 0 saw no answer of host 1.");
    expect(second.err).toContain("Nothing was trained: within 1 seconds, host 1 saw no file of host 0.");
    expect(first.err).toContain(`folder:   ${folder}\n`);
    expect(second.err).toContain(`folder:   ${copy}\n`);
    for (const { err } of [first, second]) {
      expect(err).toMatch(/fix: +mount one folder on all hosts[\s\S]*--model_dir \/mnt\/shared\/model\n/);
      expect(err).toContain("HOSTS_WAIT=900 bash train.sh 1");
    }
    expect([await files(folder), await files(copy)]).toEqual([["train.sh"], ["train.sh"]]);
  });

  it("are not deceived by the files of a training that was killed, which were copied with the folder", async () => {
    const [old, older] = ["0123456789abcdef", "fedcba9876543210"];
    for (const place of [folder, copy]) {
      for (const name of [old, `${old}.1.${older}`, `${old}.1.${older}.seen`])
        await writeFile(path.join(place, `.model.hosts.${name}`), "");
    }
    const waiting = { HOSTS_WAIT: "1" };
    const [first, second] = await Promise.all([host(folder, 0, 2, waiting).ended, host(copy, 1, 2, waiting).ended]);
    expect([first.code, first.out, second.code, second.out]).toEqual([2, "", 2, ""]);
    expect(first.err).toContain("host 0 saw no answer of host 1");
    expect(second.err).toContain("host 1 saw no confirmation of host 0");
    // In one folder, the same files do no harm.
    const started = [1, 0].map((rank) => host(copy, rank));
    expectTrained((await Promise.all(started.map(({ ended }) => ended))).reverse());
    expect(await files(copy)).toEqual(["train.sh"]);
  });

  it("are noticed where one of three has another folder", async () => {
    const waiting = { HOSTS_WAIT: "2" };
    const started = [folder, folder, copy].map((place, rank) => host(place, rank, 3, waiting));
    const outcomes = await Promise.all(started.map(({ ended }) => ended));
    expect(outcomes.map(({ code, out }) => [code, out])).toEqual([2, 2, 2].map((code) => [code, ""]));
    const found = outcomes.map(({ err }) => /seconds, (.*)\.\n/.exec(err)?.[1]);
    expect(found).toEqual([
      "host 0 saw no answer of host 2",
      expect.stringMatching(/^host 1 saw no (confirmation|file) of host 0/), // as late as it started
      "host 2 saw no file of host 0",
    ]);
  });
});

describe("settings of hosts", () => {
  const address = { MASTER_ADDR: "10.0.0.1" };
  it.each([
    [{ NNODES: "two", NODE_RANK: "0", ...address }, 'NNODES is "two", but must be the number of hosts'],
    [{ NNODES: "2", ...address }, 'NODE_RANK is "", but must be the number of this host, from 0 to 1'],
    [{ NNODES: "2", NODE_RANK: "2", ...address }, 'NODE_RANK is "2", but must be the number of this host, from 0 to 1'],
    [{ NNODES: "2", NODE_RANK: "0" }, "MASTER_ADDR is not set, but must be the address of host 0"],
    [{ NNODES: "2", NODE_RANK: "0", HOSTS_WAIT: "5m", ...address }, 'HOSTS_WAIT is "5m", but must be a number'],
  ] as [Variables, string][])("%j are refused", async (variables, message) => {
    const { code, out, err } = await start(folder, variables).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("with one number for two hosts are refused", async () => {
    const first = host(folder, 0);
    await first.waits;
    const second = host(folder, 0, 2, { HOSTS_WAIT: "1" });
    const { code, out, err } = await first.ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("another host with NODE_RANK 0");
    expect((await second.ended).code).toBe(2);
  });

  it("of one host need nothing, and no file is written", async () => {
    const alone: readonly Variables[] = [{}, { NNODES: "1" }, { NNODES: "1", NODE_RANK: "0" }];
    for (const variables of alone) {
      const { code, out, err } = await start(folder, variables).ended;
      expect([code, err]).toEqual([0, ""]);
      expect(out).toMatch(/--nnodes=1 --node_rank=0 [\s\S]*python convert_weights\.py/);
    }
    expect(await files(folder)).toEqual(["train.sh"]);
    expect(await readFile(path.join(folder, "train.sh"), "utf8")).not.toContain("{{");
  });
});

describe("the folder's README", () => {
  const training = { rows: 1000, batchSize: 64, steps: 10 };
  const commands = (text: string): string[] => [...text.matchAll(/^ {4}(.+)$/gm)].map(([, line]) => line!);

  /** A line of the README, typed in the folder. */
  const typed = (line: string, variables: Variables = {}): Promise<Outcome> =>
    bash(["-c", line], folder, variables).ended;

  it("trains on two hosts by its own lines, and on a cluster by its variables", async () => {
    const lines = commands(readmeFor(training));
    const two = lines.filter((line) => line.startsWith("NNODES=2 "));
    expect(two).toHaveLength(2);
    expectTrained(await Promise.all(two.map((line) => typed(line))));
    const [cluster] = lines.filter((line) => line.includes("$WORLD_SIZE"));
    const onCluster = [0, 1].map((rank) =>
      typed(cluster!, { WORLD_SIZE: "2", RANK: `${rank}`, MASTER_ADDR: "10.0.0.1" }),
    );
    expectTrained(await Promise.all(onCluster));
  });

  it("names TorchEasyRec's commands for the model, its versions and its wheels", async () => {
    const readme = readmeFor({ ...training, modelDir: "my model", validation: 100 });
    const there = commands(readme).filter((line) => line.includes("-m tzrec."));
    expect(there.map((line) => /-m (tzrec\.\w+)/.exec(line)![1])).toEqual([
      "tzrec.eval",
      "tzrec.export",
      "tzrec.predict",
    ]);
    const outcomes = await Promise.all(there.map((line) => typed(line)));
    expect(outcomes.map(({ out }) => out)).toEqual([
      "torchrun --nproc-per-node=1 -m tzrec.eval --pipeline_config_path my model/pipeline.config --eval_input_path eval.parquet\n",
      "torchrun --nproc-per-node=1 -m tzrec.export --pipeline_config_path my model/pipeline.config --export_dir my model/export\n",
      "torchrun --nproc-per-node=1 -m tzrec.predict --scripted_model_path my model/export --predict_input_path eval.parquet --predict_output_path predictions --reserved_columns clk\n",
    ]);
    expect(there.every((line) => line.includes("'my model/"))).toBe(true);
    for (const version of ["tzrec==1.3.16", "torch 2.12.1", "torchrec 1.7.0", "fbgemm_gpu 1.7.0"])
      expect(readme).toContain(version);
    expect(readme).not.toContain("oss-cn-beijing");
    expect(readme).toContain('model.train({ like: "torcheasyrec" })');
    expect(readme).not.toMatch(/undefined|\{\{/);
    expect(readmeFor(training)).toContain("--eval_input_path train.parquet");
  });
});
