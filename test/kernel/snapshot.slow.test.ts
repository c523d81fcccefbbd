/** The kernel starts from a snapshot of its compiler: the same kernel, sooner; without one it starts as a program. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { KernelClient } from "../../src/kernel/client.js";
import { snapshotFindings } from "../../src/kernel/doctor.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-snapshot-"));
const project = path.join(folder, "project");
const store = path.join(folder, "cache", "snapshots");
const kept = path.join(folder, "kept");
const copy = path.join(folder, "package");
const library = path.join(copy, "dist/kernel/compiler/library.js");
const env = { ...process.env, PEPNET_CACHE: path.join(folder, "cache") };
const shell = ["/bin/sh", path.join(copy, "src/kernel/assets/start.sh")] as const;
const program = [process.execPath, "--expose-internals", path.join(copy, "dist/kernel/main.js")];
beforeAll(async () => {
  for (const part of ["dist", "package.json", "src/kernel/assets"])
    cpSync(path.join(packageRoot, part), path.join(copy, part), { recursive: true });
  symlinkSync(path.join(packageRoot, "node_modules"), path.join(copy, "node_modules"));
  // A builder yields to every other program, here to tests that would keep it waiting.
  const start = readFileSync(shell[1], "utf8");
  expect(start).toContain("\n  renice -n 19 -p $$\n");
  writeFileSync(shell[1], start.replace("\n  renice -n 19 -p $$\n", "\n"));
  mkdirSync(project);
  utimesSync(library, 1e9, 1e9); // a test changes it and then sets this time again
  await build();
  cpSync(store, kept, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function build(options: object = {}): Promise<void> {
  const words = [shell[1], "--build", ...program];
  await once(spawn(shell[0], words, { cwd: project, env, stdio: "ignore", ...options }), "exit");
}

function stored(): string[] {
  return existsSync(store) ? readdirSync(store).sort() : [];
}

/** The marks of kernels at work, and of those that crashed. */
function marks(): string[] {
  return stored().filter((name) => /\.snapshot\.\d+$/.test(name));
}

/** The snapshot that a start would take: the command that replaces the shell is printed instead. */
function chosen(options: object = {}): string | null {
  const before = marks();
  const words = ["-c", `alias exec='exec echo exec'\n. "$0"`, shell[1], ...program];
  const { stdout, stderr } = spawnSync(shell[0], words, { cwd: project, env, encoding: "utf8", ...options });
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^exec \S+ .*--expose-internals \S+main\.js\n$/), ""]);
  for (const mark of marks()) if (!before.includes(mark)) rmSync(path.join(store, mark)); // of the shell, which ended
  return /^exec .* --snapshot-blob (\S+)/.exec(stdout)?.[1] ?? null;
}

async function withKernel<T>(work: (kernel: KernelClient) => Promise<T>, more: NodeJS.ProcessEnv = {}): Promise<T> {
  const argv = [...shell, ...program, "--connection-file", "{connection_file}"];
  const kernel = await KernelClient.start({ cwd: project, env: { ...env, ...more }, argv });
  try {
    return await work(kernel);
  } finally {
    await kernel.shutDown();
  }
}

async function answer(kernel: KernelClient, code: string): Promise<unknown> {
  const heard: unknown[] = [];
  const { reply } = kernel.execute(code, ({ header, content }) => {
    if (header.msg_type !== "status") heard.push([header.msg_type, content]);
  });
  return [(await reply).content, heard];
}

const isFromSnapshot = async (kernel: KernelClient): Promise<boolean> => {
  const started = JSON.stringify(await answer(kernel, 'require("node:fs").readFileSync("/proc/self/cmdline", "utf8")'));
  return started.includes("--snapshot-blob");
};

const cells = [
  "const numbers = [1, 2, 3].map((each) => 2 * each);\nnumbers",
  "[process.execArgv, process.argv.length, require.main === process.mainModule, __dirname]",
  "numbers.push('four')",
  "throw new RangeError(numbers.length + ' numbers')",
  "const fault = () => new RangeError('a value');\nconsole.log(fault()); [fault()]",
  "await Promise.reject(fault())",
  'import { basename } from "node:path"; import fs from "node:fs";\nbasename(fs.realpathSync("."))',
  "await Promise.resolve(new Intl.NumberFormat('en').format(1234.5))",
  "(await import('node:os')).EOL",
  "const model = pepnet(); model.spec.features.length",
  "dataset([{ a: 1 }, { a: 2 }])",
];

describe.skipIf(process.platform === "win32")("a kernel from a snapshot", () => {
  it("answers as one without", async () => {
    const talk = async (kernel: KernelClient): Promise<unknown[]> => {
      const heard: unknown[] = [await isFromSnapshot(kernel)];
      for (const cell of cells) heard.push(await answer(kernel, cell));
      const at = { code: "numbers.ma", cursor_pos: 10, detail_level: 0 };
      for (const type of ["complete_request", "inspect_request", "kernel_info_request"])
        heard.push((await kernel.request(type, at).reply).content);
      return heard;
    };
    const [is, ...heard] = await withKernel(talk);
    const [isNot, ...without] = await withKernel(talk, { PEPNET_KERNEL_SNAPSHOT: "off" });
    expect([is, isNot]).toEqual([true, false]);
    expect(plain(heard)).toEqual(plain(without));
  });

  it("gives child processes the environment and options that it was started with", async () => {
    const code = "[process.env.GLIBC_TUNABLES, process.execArgv.join()]";
    const shown = (tunables?: string) =>
      withKernel(async (kernel) => JSON.stringify(await answer(kernel, code)), { GLIBC_TUNABLES: tunables });
    expect(await shown()).toContain("[ undefined, '--expose-internals' ]");
    expect(await shown("glibc.malloc.perturb=0")).toContain("[ 'glibc.malloc.perturb=0', '--expose-internals' ]");
  });

  it("has random numbers, names and threads of its own", async () => {
    const code = `const { threadId, Worker } = await import("node:worker_threads");
      const answer = new Promise((hear) =>
        new Worker("require('node:worker_threads').parentPort.postMessage(6 * 7)", { eval: true }).on("message", hear));
      [Math.random(), (await import("node:crypto")).randomUUID(), process.pid, threadId, await answer].join()`;
    const shown = () =>
      withKernel(async (kernel) => /"text\/plain":"'(.*?)'"/.exec(JSON.stringify(await answer(kernel, code)))![1]!);
    const [first, second] = [(await shown()).split(","), (await shown()).split(",")];
    expect([first.slice(3), second.slice(3)]).toEqual([
      ["0", "42"],
      ["0", "42"],
    ]);
    for (const at of [0, 1, 2]) expect(first[at]).not.toBe(second[at]);
  });

  it("is the process that was started: interrupts reach its loops, and nothing is left when it is killed", async () => {
    await withKernel(async (kernel) => {
      expect(readFileSync(`/proc/${kernel.pid}/cmdline`, "utf8")).toContain(`node\0--snapshot-blob\0${chosen()}\0`);
      const endless = kernel.execute('require("node:fs").writeFileSync("looping", ""); while (true);').reply;
      while (!existsSync(path.join(project, "looping"))) await sleep(10);
      kernel.interrupt();
      expect((await endless).content).toMatchObject({ status: "error", ename: "Interrupted" });
      expect((await kernel.execute("1").reply).content.status).toBe("ok");
      process.kill(kernel.pid!, "SIGKILL");
      while (kernel.death === null) await sleep(10);
      expect(kernel.death).toBe("signal SIGKILL");
      expect(existsSync(`/proc/${kernel.pid}`)).toBe(false);
    });
    for (const mark of marks()) rmSync(path.join(store, mark)); // it would count as a crash
  });

  it("ends with its code", () => {
    const start = ["-x", shell[1], ...program]; // without a connection file the kernel ends at once
    const { status, stderr } = spawnSync(shell[0], start, { env, cwd: project, encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain("usage: node main.js --connection-file FILE");
    expect(/exec .* --snapshot-blob (\S+)/.exec(stderr)?.[1]).toBe(chosen());
  });
});

describe.skipIf(process.platform === "win32")("a snapshot", () => {
  it("that is broken, cut off or of something else is not used, and the kernel starts without a word", async () => {
    const file = chosen()!;
    const bytes = readFileSync(file);
    try {
      const changed = Buffer.from(bytes);
      changed[bytes.length >> 1]! ^= 1;
      writeFileSync(file, changed);
      expect(chosen()).toBeNull();
      writeFileSync(file, "something else");
      expect(chosen()).toBeNull();
      writeFileSync(file, bytes);
      truncateSync(file, 10_000_000);
      const heard = await withKernel(async (kernel) => [await isFromSnapshot(kernel), await answer(kernel, "6 * 7")]);
      expect([heard[0], JSON.stringify(heard[1]).includes("42")]).toEqual([false, true]);
    } finally {
      writeFileSync(file, bytes);
    }
    expect(chosen()).toBe(file);
  });

  it("is of one Node with its options, and of one set of files", () => {
    const own = path.join(folder, "other project");
    const types = path.join(own, "node_modules/@types/node/package.json");
    mkdirSync(path.dirname(types), { recursive: true });
    writeFileSync(types, "{}");
    mkdirSync(path.join(own, "notebooks"));
    expect(chosen({ env: { ...env, NODE_OPTIONS: "--max-old-space-size=1000" } })).toBeNull();
    expect(chosen({ cwd: own })).toBeNull();
    expect(chosen({ cwd: path.join(own, "notebooks") })).toBeNull();
    expect(chosen({ env: { ...env, PEPNET_KERNEL_SNAPSHOT: "off" } })).toBeNull();
    const kernel = program[2]!;
    const { atime, mtime } = statSync(kernel);
    const before = readFileSync(kernel);
    utimesSync(kernel, 1e9, 1e9);
    expect(chosen()).toBeNull();
    appendFileSync(kernel, "\n");
    utimesSync(kernel, atime, mtime);
    expect(chosen()).toBeNull();
    writeFileSync(kernel, before);
    utimesSync(kernel, atime, mtime);
    expect(chosen()).not.toBeNull();
  });

  it("serves every folder with these types, wherever its path sorts", () => {
    for (const name of ["a", "z"]) {
      const types = path.join(folder, name, "node_modules", "@types");
      mkdirSync(types, { recursive: true });
      symlinkSync(path.join(packageRoot, "node_modules", "@types", "node"), path.join(types, "node"));
      expect(chosen({ cwd: path.join(folder, name) })).toBe(chosen());
    }
  });

  it("is chosen also if another one was used later", () => {
    const [file, other] = [chosen(), path.join(store, "1-1-1-1.snapshot")];
    writeFileSync(other, "another");
    utimesSync(other, 4e9, 4e9);
    expect(chosen()).toBe(file);
    rmSync(other);
  });

  it("is made once if two are asked for at once, and again after a builder was killed", async () => {
    const file = chosen()!;
    const lock = file.replace(/-\d+-\d+\.snapshot$/, ".lock");
    rmSync(file);
    writeFileSync(lock, "");
    await build();
    expect(stored()).toEqual([path.basename(lock)]); // another one may be at work
    utimesSync(lock, 1e9, 1e9);
    await Promise.all([build(), build()]);
    expect(stored()).toEqual([path.basename(chosen()!)]);
  });

  it("of changed modules is removed, and the kernel has the new ones", async () => {
    const file = chosen()!;
    const before = readFileSync(library);
    appendFileSync(library, "globalThis.isChanged = true;\n");
    const heard = await withKernel((kernel) => answer(kernel, "(globalThis as any).isChanged"));
    expect(JSON.stringify(heard)).toContain("true");
    expect(existsSync(file)).toBe(false);
    writeFileSync(library, before); // the snapshot that was kept is one of these files again
    utimesSync(library, 1e9, 1e9);
  });

  it("is made by a kernel that has none, in the background; the five last used stay", async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) copyFileSync(program[2]!, path.join(store, `${number}-1-1-1.snapshot`));
    await withKernel(async (kernel) => {
      expect(await isFromSnapshot(kernel)).toBe(false);
      while (chosen() === null) await sleep(200);
    });
    expect(await withKernel(isFromSnapshot)).toBe(true);
    while (stored().some((name) => !name.endsWith(".snapshot"))) await sleep(100);
    expect(stored()).toHaveLength(5);
  });
});

describe.skipIf(process.platform === "win32")("a crash", () => {
  const dropped = () => stored().filter((name) => name.endsWith(".dropped"));
  const findings = () => snapshotFindings(program[0], program[2]);
  const works = () =>
    withKernel(async (kernel) => {
      expect(JSON.stringify(await answer(kernel, "6 * 7"))).toContain('"42"');
      return isFromSnapshot(kernel);
    });
  beforeAll(() => {
    vi.stubEnv("PEPNET_CACHE", env.PEPNET_CACHE);
  });
  beforeEach(() => {
    rmSync(store, { recursive: true, force: true });
    cpSync(kept, store, { recursive: true });
  });
  afterAll(() => vi.unstubAllEnvs());

  const crash = () =>
    withKernel(async (kernel) => {
      await expect(kernel.execute("process.abort()").reply).rejects.toThrow(/SIGABRT.*run it again/s);
      return kernel.pid;
    });

  it("in a cell is forgiven once: the next kernel starts without the snapshot, and a second crash in a row costs it", async () => {
    expect(findings()).toMatchObject([{ ok: true, found: "no kernel that started from it has crashed" }]);
    const file = chosen();
    const first = await crash();
    expect(await works()).toBe(false);
    await build();
    expect(chosen()).toBe(file);
    expect(findings()).toMatchObject([{ ok: true, found: expect.stringContaining(`process ${first}) `) }]);
    const crashed = await crash();
    expect(await works()).toBe(false);
    const [name = ""] = dropped();
    expect(stored()).toEqual([name]);
    await build();
    expect(stored()).toEqual([name]);
    const [finding] = findings();
    expect(finding).toMatchObject({ ok: false, found: expect.stringContaining(`(process ${crashed})`) });
    const [, record = ""] = /: rm (\S+)$/.exec(finding?.fix ?? "") ?? [];
    expect(record).toBe(path.join(store, name));
    rmSync(record);
    await build();
    expect(await works()).toBe(true);
    expect(findings()).toMatchObject([{ ok: true }]);
  });

  it("does not count any more once a later kernel from the snapshot has lived", async () => {
    for (const end of ["shutDown", "kill"] as const) {
      await crash();
      expect(await works()).toBe(false);
      expect(stored().filter((name) => name.endsWith(".crashed"))).toHaveLength(1);
      await withKernel((kernel) => kernel[end]());
      expect(stored()).toEqual([path.basename(chosen()!)]);
    }
  });

  it("of several kernels at once, as when memory runs out, is one", async () => {
    const file = chosen();
    await withKernel((one) =>
      withKernel(async (other) => {
        for (const kernel of [one, other]) {
          process.kill(kernel.pid!, "SIGKILL");
          while (kernel.death === null) await sleep(10);
        }
      }),
    );
    expect([chosen(), chosen()]).toEqual([null, file]);
  });

  it("in the trial leaves no snapshot, and at two starts costs it", async () => {
    const [assets, program] = [path.join(copy, "src/kernel/assets"), "snapshot.cjs"];
    const text = readFileSync(path.join(assets, program), "utf8");
    const trial = readFileSync(path.join(assets, "snapshot-trial.cjs"), "utf8");
    const begins = "  isBuilding = false;\n";
    expect(text).toContain(begins);
    rmSync(store, { recursive: true });
    try {
      writeFileSync(
        path.join(assets, program),
        text.replace(begins, `${begins}  process.on("worker", () => process.abort());\n`),
      );
      await build();
      expect(readFileSync(path.join(store, dropped()[0]!), "utf8")).toBe("Node failed in its trial: exit code 134\n");
      expect(chosen()).toBeNull();
      rmSync(store, { recursive: true });
      writeFileSync(path.join(assets, "snapshot-trial.cjs"), "");
      await build();
      expect(chosen()).not.toBeNull();
      for (const rest of [1, 0]) {
        await expect(withKernel(isFromSnapshot)).rejects.toThrow("SIGABRT");
        expect(await works()).toBe(false);
        expect(stored().filter((name) => name.endsWith(".snapshot"))).toHaveLength(rest);
      }
    } finally {
      writeFileSync(path.join(assets, program), text);
      writeFileSync(path.join(assets, "snapshot-trial.cjs"), trial);
    }
  });

  it("is not the end of a kernel that its client ends, in a loop either", async () => {
    const file = chosen();
    const running = (work: (kernel: KernelClient) => Promise<unknown>, waits: string) =>
      withKernel(async (kernel) => {
        const begun = path.join(project, "begun");
        kernel.execute(`require("node:fs").writeFileSync("begun", ""); ${waits}`).reply.catch(() => {});
        while (!existsSync(begun)) await sleep(10);
        rmSync(begun);
        expect(marks()).toEqual([`${path.basename(file!)}.${kernel.pid}`]);
        await work(kernel);
        expect([marks(), chosen()]).toEqual([[], file]);
      });
    for (const end of ["shutDown", "kill"] as const)
      await running((kernel) => kernel[end](), "await new Promise(() => {})");
    const killInLoop = async (kernel: KernelClient): Promise<void> => {
      process.kill(kernel.pid!, "SIGTERM");
      while (marks().length > 0) await sleep(10);
      process.kill(kernel.pid!, "SIGKILL");
    };
    await running(killInLoop, "while (true);");
  });

  it("is one only if the process is gone, and was of this system since its start", async () => {
    const file = chosen()!;
    const here = await withKernel(async () => readFileSync(path.join(store, marks()[0]!), "utf8"));
    const { pid: gone } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(`${file}.${process.pid}`, here);
    writeFileSync(`${file}.${gone}`, `another${here}`);
    expect(chosen()).toBe(file);
    expect(marks()).toHaveLength(2);
    for (const next of [file, null]) {
      writeFileSync(`${file}.${gone}`, here);
      expect([chosen(), chosen()]).toEqual([null, next]);
    }
    expect(stored()).toEqual(dropped());
  });

  it("is forgotten after a month", async () => {
    const record = chosen()!.replace(/-\d+-\d+\.snapshot$/, ".dropped");
    const age = (days: number) => utimesSync(record, Date.now() / 1000, Date.now() / 1000 - days * 24 * 3600);
    rmSync(chosen()!);
    writeFileSync(record, "a crash\n");
    age(30.9);
    await build();
    expect(stored()).toEqual([path.basename(record)]);
    age(31.1);
    await build();
    expect(stored()).toEqual([path.basename(chosen()!)]);
  });
});

/** Without what differs between any two kernels. */
function plain(heard: unknown): unknown {
  const text = JSON.stringify(heard).replaceAll(/"execution_count":\d+/g, '"execution_count":0');
  return JSON.parse(text.replaceAll(/\b0x[0-9a-f]+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "id"));
}
