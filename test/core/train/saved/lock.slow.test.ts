/** The lock of a training's folder: one process at a time, whatever was left there, and nothing published without it. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beatFile, lockFolder, lockName } from "../../../../src/core/train/saved/lock.js";
import { readRunIn } from "../../../../src/core/train/saved/run.js";
import { openSeries } from "../../../../src/core/train/saved/series.js";
import { smallCheckpoint, smallSpec } from "./small-checkpoint.js";

const kills = process.env["PEPNET_LONG"] ? 300 : 25;
const compiled = path.resolve(__dirname, "../../../../dist/core/train/saved/lock.js");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** What makes a process look like one of another machine. */
const elsewhere = `
  const fs = require("node:fs");
  const { readFileSync } = fs;
  fs.readFileSync = (file, ...rest) => /boot_id/.test(file) ? "another boot" : readFileSync(file, ...rest);
  require("node:os").hostname = () => "elsewhere";`;

/** A process that locks the folder, says how that went, and holds the lock until its input ends. */
function locker(prelude = ""): { child: ChildProcess; outcome: Promise<string> } {
  const script = `${prelude}
    const { lockFolder } = require(${JSON.stringify(compiled)});
    lockFolder(${JSON.stringify(folder)}, "here").then(
      (lock) => { console.log("locked"); process.stdin.resume().on("end", () => lock.free()); },
      (error) => { console.log(error.message); });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const outcome = new Promise<string>((resolve) => {
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("\n")) resolve(printed);
    });
    child.on("close", () => resolve(printed));
  });
  return { child, outcome };
}

/** A process that locks the folder and frees it at a word, and answers with a line how that went. */
function answerer(): { child: ChildProcess; answer: (word: string) => Promise<string> } {
  const script = `
    const { lockFolder } = require(${JSON.stringify(compiled)});
    let lock;
    const words = {
      lock: () => lockFolder(${JSON.stringify(folder)}, "here").then((made) => { lock = made; return "locked"; }),
      free: async () => { await lock?.free(); lock = undefined; return "free"; },
    };
    require("node:readline").createInterface(process.stdin).on("line", (word) =>
      words[word]().catch((error) => JSON.stringify(error.message)).then(console.log));`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (word: string): Promise<string> => {
    child.stdin.write(`${word}\n`);
    return (await lines.next()).value ?? "";
  };
  return { child, answer };
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.on("close", () => resolve()));
}

async function deadLock(prelude?: string): Promise<string> {
  const { child, outcome } = locker(prelude);
  expect(await outcome).toBe("locked\n");
  child.kill("SIGKILL");
  await ended(child);
  return lockIn();
}

async function lockIn(): Promise<string> {
  expect(await readdir(folder)).toEqual([lockName]);
  const [name, ...others] = await readdir(path.join(folder, lockName));
  expect(others).toEqual([]);
  return path.join(folder, lockName, name!);
}

describe("a lock", () => {
  it("of a process that lives is refused, in the same process too, and is gone once it is freed", async () => {
    const lock = await lockFolder(folder, "here");
    await expect(lockFolder(folder, "here")).rejects.toThrow(
      /here: another training writes to this folder; nothing was trained\n.*received: process \d+\n/,
    );
    expect(await locker().outcome).toMatch(/another training writes to this folder/);
    await lock.free();
    expect(await readdir(folder)).toEqual([]);
    await (await lockFolder(folder, "here")).free();
  });

  it("of a process that was killed, or none, is taken at once, by one of many", async () => {
    const dead = await deadLock();
    const aside = path.join(folder, "..", `${path.basename(folder)}-aside`);
    await rename(path.dirname(dead), aside);
    const lockers = [answerer(), answerer(), answerer(), answerer()];
    const answers = (word: string): Promise<string[]> => Promise.all(lockers.map(({ answer }) => answer(word)));
    for (let round = 0; round < 20; round++) {
      if (round % 2 === 0) await cp(aside, path.dirname(dead), { recursive: true });
      const outcomes = await answers("lock");
      expect(
        outcomes.filter((outcome) => outcome === "locked"),
        `round ${round}`,
      ).toHaveLength(1);
      for (const outcome of outcomes) expect(outcome).toMatch(/^locked$|another training writes/);
      await answers("free");
      for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true });
    }
    for (const { child } of lockers) child.stdin?.end();
    await Promise.all(lockers.map(({ child }) => ended(child)));
    await rm(aside, { recursive: true });
  });

  it("of a process that is stopped is held for its lease", async () => {
    const { child, outcome } = locker();
    await outcome;
    child.kill("SIGSTOP");
    const beat = path.join(await lockIn(), beatFile);
    const ago = (seconds: number): Promise<void> =>
      utimes(beat, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
    await ago(50);
    await expect(lockFolder(folder, "here")).rejects.toThrow(/another training writes/);
    await ago(70);
    const lock = await lockFolder(folder, "here");
    child.kill("SIGCONT");
    child.stdin?.end();
    await ended(child);
    expect(await lock.isLost()).toBe(false);
    await lock.free();
    expect(await readdir(folder)).toEqual([]);
  });

  it("of a process whose number another has is held for its lease, and then taken", async () => {
    const dead = await deadLock(`Object.defineProperty(process, "pid", { value: ${process.pid} });`);
    await expect(lockFolder(folder, "here")).rejects.toThrow(/another training writes/);
    const longAgo = new Date(Date.now() - 1e7);
    await utimes(path.join(dead, beatFile), longAgo, longAgo);
    await (await lockFolder(folder, "here")).free();
    expect(await readdir(folder)).toEqual([]);
  });

  it("with something left in it is free all the same, and what is left is handed on", async () => {
    const lock = await lockFolder(folder, "here");
    await writeFile(path.join(lock.work, "old-run"), "left");
    await lock.free();
    const next = await lockFolder(folder, "here");
    expect((await readdir(next.work)).sort()).toEqual([beatFile, "old-run"]);
    await rm(path.join(next.work, "old-run"));
    await next.free();
    expect(await readdir(folder)).toEqual([]);
  });

  it("in a folder with a very long path, or a name of many bytes, is as good", async () => {
    folder = path.join(folder, "x".repeat(150), "ü".repeat(100));
    const lock = await lockFolder(folder, "here");
    await expect(lockFolder(folder, "here")).rejects.toThrow(/another training writes/);
    await lock.free();
    folder = path.resolve(folder, "../..");
    await mkdir(folder, { recursive: true });
  });

  it("that another took over publishes nothing", async () => {
    const lock = await lockFolder(folder, "here");
    await writeFile(path.join(lock.work, "new"), "mine");
    const longAgo = new Date(Date.now() - 1e7);
    await utimes(path.join(lock.work, beatFile), longAgo, longAgo);
    const taker = locker(elsewhere);
    expect(await taker.outcome).toBe("locked\n");
    const lost = /here: another training has taken over this folder, so this one can no longer save there/;
    await expect(lock.move(path.join(lock.work, "new"), path.join(folder, "published"))).rejects.toThrow(lost);
    await expect(lock.move(path.join(folder, "any"), path.join(lock.work, "old"))).rejects.toThrow(lost);
    expect(await lock.isLost()).toBe(true);
    await lock.free();
    expect(existsSync(path.join(folder, "published"))).toBe(false);
    expect(existsSync(await lockIn())).toBe(true);
    taker.child.stdin?.end();
    await ended(taker.child);
  });
});

describe("a lock of another machine", () => {
  it("is refused until its lease ends, with the time that is left", async () => {
    const dead = await deadLock(elsewhere);
    const ago = new Date(Date.now() - 20_000);
    await utimes(path.join(dead, beatFile), ago, ago);
    await expect(lockFolder(folder, "here")).rejects.toThrow(
      /received: process \d+ on elsewhere\n[\s\S]*if no such training is running, try again in (3\d|4[01]) s/,
    );
    expect(await lockIn()).toBe(dead);
  });

  it("is taken at once where it was not written to for long", async () => {
    const dead = await deadLock(elsewhere);
    const longAgo = new Date(Date.now() - 1e7);
    await utimes(path.join(dead, beatFile), longAgo, longAgo);
    await (await lockFolder(folder, "here")).free();
  });

  it.runIf(process.platform !== "win32")(
    "whose beat is a FIFO is taken after its lease, and not read without end",
    async () => {
      const dead = await deadLock(elsewhere);
      await rm(path.join(dead, beatFile));
      execFileSync("mkfifo", [path.join(dead, beatFile)]);
      await expect(lockFolder(folder, "here")).rejects.toThrow(/another training writes/);
      const longAgo = new Date(Date.now() - 1e7);
      await utimes(dead, longAgo, longAgo);
      await (await lockFolder(folder, "here")).free();
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it("is taken by one of many once its lease has ended, also while its owner goes on with it", async () => {
    const owner = locker(elsewhere);
    await owner.outcome;
    const longAgo = new Date(Date.now() - 1e7);
    await utimes(path.join(await lockIn(), beatFile), longAgo, longAgo);
    const lockers = [locker(), locker(), locker()];
    const outcomes = await Promise.all(lockers.map(({ outcome }) => outcome));
    expect(outcomes.filter((text) => text === "locked\n")).toHaveLength(1);
    for (const { child } of [owner, ...lockers]) child.stdin?.end();
    await Promise.all([owner, ...lockers].map(({ child }) => ended(child)));
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a training that was killed at any moment of its saving", () => {
  it("leaves a run that can be read, not older than what it had saved, and no trace once the next one ends", async () => {
    const root = path.join(folder, "run");
    const build = path.resolve(__dirname, "../../../../dist/core/train/saved");
    const script = `
      const { openSeries } = require("${build}/series.js");
      const checkpoint = (step) => {
        const weights = new Map([["a.weight", { shape: [2], data: Float32Array.of(step, step) }]]);
        const history = { points: [], evaluations: [], bestStep: null };
        const progress = { steps: step, rows: step, seconds: 1, idleSeconds: 0, history, pending: [], skipped: 0 };
        return { spec: ${JSON.stringify(smallSpec)}, engineName: "cpu", threads: 1, dataRows: 6, dataDigest: "00",
          validation: null, gatesHistory: [], checkpoint: { engine: { step, weights, slots: new Map() }, weights,
          progress, evaluation: null, best: null, stoppedEarly: false } };
      };
      (async () => {
        const series = await openSeries(${JSON.stringify(root)}, { existing: "resume" });
        let step = series.from?.checkpoint.progress.steps ?? 0;
        console.log("saved " + step);
        for (;;) {
          // The same step twice now and then; the run in the folder every third time.
          if (step % 5 !== 0) await series.save(checkpoint(step), false);
          step++;
          await series.save(checkpoint(step), step % 3 === 0);
          console.log("saved " + step);
        }
      })();`;
    let saved = 0;
    for (let round = 0; round < kills; round++) {
      const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
      const awaited = saved + (round % 3 === 0 ? 0 : 1); // two rounds of three save something on a slow machine too
      const start = new Promise<void>((resolve) => {
        child.stdout?.on("data", (chunk: Buffer) => {
          saved = Number(/saved (\d+)\n[^\n]*$/.exec(chunk.toString())?.[1] ?? saved);
          if (saved >= awaited) resolve();
        });
      });
      await Promise.race([start, ended(child).then(() => expect.unreachable("the program ended by itself"))]);
      await new Promise((resolve) => setTimeout(resolve, (round * 37) % 307));
      child.kill("SIGKILL");
      await ended(child);
      if (saved === 0) continue;
      const { weights } = await readRunIn(root);
      expect(weights.get("a.weight")?.data[0], `round ${round}`).toBeGreaterThanOrEqual(saved - 1);
    }
    expect(saved).toBeGreaterThan(kills / 2);
    const notes: string[] = [];
    const series = await openSeries(root, { existing: "resume", note: (text) => void notes.push(text) });
    expect(series.from?.checkpoint.progress.steps).toBeGreaterThanOrEqual(saved);
    await series.save(smallCheckpoint(saved + 10), true);
    await series.close();
    expect(notes).toEqual([]);
    const left = (await readdir(root)).filter((name) => /lock|damaged|unfinished|replaced/.test(name));
    expect(left).toEqual([]);
    expect((await readRunIn(root)).weights.get("a.weight")?.data[0]).toBe(saved + 10);
  });
});
