/** Signals and closed streams never cost a checkpoint: Ctrl-C in a pipe, `| head`, a closed terminal. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { checkpointPlaces } from "../../../src/core/train/saved/run.js";
import { python } from "../python.js";
import { columns, mainFile, pepnetIn, totalSteps, writeProject } from "./command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-signals-"));
  await writeProject(folder);
  await pepnetIn(folder, ...trainInto("straight"));
});
afterAll(() => rm(folder, { recursive: true }));

const trainInto = (out: string, ...more: string[]): string[] => {
  return ["train", "--config", "pipeline.config", "--out", out, "--log-steps", "1", ...more];
};

/** A training as a word list of a shell. */
const shellTrain = (out: string, ...more: string[]): string =>
  [process.execPath, mainFile, ...trainInto(out, ...more)].map((word) => `'${word}'`).join(" ");

/**
 * Runs a script in a process group of its own, and signals the whole group, as a terminal does, once the log has a line.
 * Returns the last line that the script printed on standard error: its exit codes.
 */
async function inGroup(script: string, log: string, line: RegExp, signal: NodeJS.Signals): Promise<string> {
  const keepShell = "trap : INT HUP"; // the shell reports the codes; what it starts has the default handlers
  const child: ChildProcess = spawn("bash", ["-c", `${keepShell}\n${script}`], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let printed = "";
  child.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const watch = setInterval(() => {
    const text = existsSync(path.join(folder, log)) ? readFileSync(path.join(folder, log), "utf8") : "";
    if (!line.test(text)) return;
    clearInterval(watch);
    process.kill(-(child.pid as number), signal);
  }, 20);
  await closed;
  clearInterval(watch);
  return printed.trimEnd().split("\n").at(-1) ?? "";
}

async function expectSaved(out: string, atLeast: number): Promise<void> {
  const [newest] = await checkpointPlaces(path.join(folder, out));
  expect(newest?.step).toBeGreaterThanOrEqual(atLeast);
  expect((await readdir(path.join(folder, out))).filter((name) => name.includes("lock"))).toEqual([]);
}

async function expectResumes(out: string): Promise<void> {
  const resumed = await pepnetIn(folder, ...trainInto(out, "--resume"));
  expect(resumed.code, resumed.err).toBe(0);
  const weights = (run: string) => readFile(path.join(folder, run, "weights.safetensors"));
  expect((await weights(out)).equals(await weights("straight"))).toBe(true);
}

describe("a training", () => {
  it("stopped by Ctrl-C in `2>&1 | tee log` saves its step, frees its folder and exits with 130", async () => {
    const script = `${shellTrain("tee")} 2>&1 | tee tee.log\necho "\${PIPESTATUS[0]}" >&2`;
    expect(await inGroup(script, "tee.log", /^step step=60 /m, "SIGINT")).toBe("130");
    await expectSaved("tee", 60);
    await expectResumes("tee");
  });

  it("stopped by a closed terminal, with its reader gone, saves its step and exits with 129", async () => {
    const script = `${shellTrain("hup")} 2>&1 | tee hup.log\necho "\${PIPESTATUS[0]}" >&2`;
    expect(await inGroup(script, "hup.log", /^step step=60 /m, "SIGHUP")).toBe("129");
    await expectSaved("hup", 60);
  });

  it.skipIf(python === null)("in a terminal that is closed saves its step and exits with 129, no abort", async () => {
    const closesTerminal = [
      "import os, pty, re, sys",
      "pid, terminal = pty.fork()",
      "if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])",
      "read = b''",
      "while not re.search(rb'step ([6-9]\\d|\\d{3}) of 400', read): read += os.read(terminal, 4096)",
      "os.close(terminal)",
      "print(os.waitpid(pid, 0)[1])",
    ].join("\n");
    const words = ["-c", closesTerminal, process.execPath, mainFile, ...trainInto("terminal")];
    const child = spawn(python as string, words, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await new Promise((resolve) => child.on("close", resolve));
    expect(Number(printed)).toBe(129 << 8); // an exit with that code, not the end by a signal
    await expectSaved("terminal", 60);
  });

  it("stopped with standard error closed from the start saves its step", async () => {
    const script = `${shellTrain("closed")} 2>&- > closed.log\necho "$?" >&2`;
    expect(await inGroup(script, "closed.log", /^step step=60 /m, "SIGINT")).toBe("130");
    await expectSaved("closed", 60);
  });

  it("whose reader has seen enough trains to the end", async () => {
    const script = `${shellTrain("head")} 2>&1 | head -1 > head.log\necho "\${PIPESTATUS[0]}" >&2`;
    expect(await inGroup(script, "head.log", /never/, "SIGINT")).toBe("0");
    await expectSaved("head", totalSteps);
    expect(await readFile(path.join(folder, "head.log"), "utf8")).toMatch(/^step step=1 .*\n$/);
  });

  it("whose log is on a full disk trains to the end, and says that the log is incomplete", async () => {
    const script = `${shellTrain("full")} > /dev/full\necho "$?" >&2`;
    expect(await inGroup(script, "none.log", /never/, "SIGINT")).toBe("1");
    await expectSaved("full", totalSteps);
  });

  it("stopped while it still reads rows leaves no lock and no run", async () => {
    await (await dataset(columns(400_000, 3))).toParquet(path.join(folder, "large.parquet"));
    const child = spawn(process.execPath, [mainFile, ...trainInto("early", "--train", "large.parquet")], {
      cwd: folder,
    });
    const closed = new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
    const watch = setInterval(() => {
      if (!existsSync(path.join(folder, "early"))) return;
      clearInterval(watch);
      child.kill("SIGTERM");
    }, 5);
    expect(await closed).toBe(143);
    expect(await readdir(folder)).not.toContain("early");
  });
});

describe("another command", () => {
  it("stopped by a signal ends with the code of the signal and leaves nothing half-written", async () => {
    const args = ["predict", "--run", "straight", "large.parquet", "out.parquet"];
    const child = spawn(process.execPath, [mainFile, ...args], { cwd: folder, stdio: "ignore" });
    const closed = new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
    const unfinished = () => readdirSync(folder).filter((name) => name.startsWith("out.parquet"));
    const watch = setInterval(() => {
      if (unfinished().length === 0) return;
      clearInterval(watch);
      child.kill("SIGINT");
    }, 5);
    expect(await closed).toBe(130);
    expect(unfinished()).toEqual([]);
  });
});

it.skipIf(!existsSync("/dev/full"))(
  "a command whose only output cannot be written fails, whatever it prints",
  async () => {
    for (const command of [
      "config print pipeline.config",
      "config show pipeline.config",
      "data describe test.parquet",
      "--help",
      "--version",
    ]) {
      const script = `'${process.execPath}' '${mainFile}' ${command} > /dev/full 2> full.err\necho "$?" >&2`;
      expect(await inGroup(script, "none.log", /never/, "SIGINT"), command).toBe("1");
      expect(await readFile(path.join(folder, "full.err"), "utf8")).toContain("standard output: cannot be written");
    }
  },
);
