/** A stranger's folder: opening a notebook in it runs nothing of it, and no other program. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { KernelClient } from "../../src/kernel/client.js";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import type { Message } from "../../src/kernel/wire.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook/notebook-files.js";

interface Trap {
  readonly folder: string;
  /** What ran, of the folder's files and of other programs. */
  sprung(): string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A repository in which whatever is run leaves a file behind, and a kernel's environment that notes each new process. */
function trap(): Trap {
  const folder = emptyFolder();
  const marks = emptyFolder();
  const git = (...args: string[]): void => void execFileSync("git", args, { cwd: folder });
  const write = (file: string, text: string, mode?: number): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
    if (mode) chmodSync(path.join(folder, file), mode);
  };
  const shell = (name: string): string => `#!/bin/sh\ntouch '${path.join(marks, name)}'\ncat\n`;
  const script = (name: string): string =>
    `require("node:fs").writeFileSync(${JSON.stringify(path.join(marks, name))}, "");`;

  git("init", "-q");
  write("data.txt", "1\n");
  git("add", ".");
  git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "first");
  for (const program of ["monitor", "filter", "git", "node", "git.exe", "npm"]) write(program, shell(program), 0o755);
  for (const hook of readdirSync(path.join(folder, ".git/hooks"))) {
    write(`.git/hooks/${hook.replace(/\.sample$/, "")}`, shell(hook), 0o755);
  }
  git("config", "core.fsmonitor", path.join(folder, "monitor"));
  git("config", "core.hooksPath", path.join(folder, ".git/hooks"));
  git("config", "filter.evil.clean", path.join(folder, "filter"));
  git("config", "filter.evil.smudge", path.join(folder, "filter"));
  write(".gitattributes", "* filter=evil\n");
  write("data.txt", "2\n");
  for (const file of ["index.js", "cell.js", "noop.js", ".pnp.cjs", "node_modules/.bin/git"])
    write(file, script(file), 0o755);
  for (const name of ["pepnet", "tslab", "zeromq", "typescript", "danfojs-node", "canvas", "bufferutil"]) {
    write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, main: "index.js", exports: { "./*": "./index.js" } }),
    );
    write(`node_modules/${name}/index.js`, script(name));
  }
  write("node_modules/@types/node/index.js", script("types"));
  write(
    "node_modules/@types/node/package.json",
    JSON.stringify({ name: "@types/node", main: "index.js", types: "index.d.ts" }),
  );
  write("node_modules/@types/node/index.d.ts", "declare var console: { log(...given: unknown[]): void };\n");
  write("tsconfig.json", JSON.stringify({ compilerOptions: { plugins: [{ name: "typescript" }], types: ["evil"] } }));
  write("package.json", JSON.stringify({ type: "module", main: "index.js", imports: { "#x": "./index.js" } }));
  write(".env", "NODE_OPTIONS=--require ./index.js\n");
  write("node.config.json", JSON.stringify({ nodeOptions: { import: ["./index.js"] } }));

  const spy = path.join(emptyFolder(), "spy.cjs");
  writeFileSync(
    spy,
    `const children = require("node:child_process");
    const { appendFileSync } = require("node:fs");
    const note = (args) => appendFileSync(${JSON.stringify(path.join(marks, "processes"))}, JSON.stringify(args[0]) + "\\n");
    const { spawn } = children.ChildProcess.prototype;
    children.ChildProcess.prototype.spawn = function (options) { note([options.file]); return spawn.call(this, options); };
    for (const name of ["spawnSync", "execFileSync", "execSync"]) {
      const original = children[name];
      children[name] = (...args) => { note(args); return original(...args); };
    }`,
  );
  return {
    folder,
    sprung: () =>
      readdirSync(marks).map((name) => (name === "processes" ? readFileSync(path.join(marks, name), "utf8") : name)),
    env: { ...process.env, NODE_OPTIONS: `--require ${spy}`, PATH: `.:${process.env["PATH"]}:` },
  };
}

describe.skipIf(process.platform === "win32")("in a folder full of traps", () => {
  it("a kernel that starts, completes and inspects runs nothing, and knows the commit", async () => {
    const { folder, sprung, env } = trap();
    const kernel = await KernelClient.start({ cwd: folder, env });
    const ask = async (type: string, content: object): Promise<Message["content"]> =>
      (await kernel.request(type, content).reply).content;
    const info = await ask("kernel_info_request", {});
    await ask("complete_request", { code: 'import { } from "dan', cursor_pos: 20 });
    await ask("inspect_request", {
      code: 'import * as pnp from "../../src/kernel/process/cell.js"; import y from "danfojs-node"; y',
      cursor_pos: 62,
    });
    await ask("is_complete_request", { code: "1" });
    expect(sprung()).toEqual([]);
    const head = execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, encoding: "utf8" }).trim();
    expect(info.language_info.pepnet.git).toEqual({ commit: head });
    await kernel.shutDown();
    expect(sprung()).toEqual([]);
  });

  it("`notebook run` runs the notebook's cells, and nothing else of the folder", async () => {
    const { folder, sprung } = trap();
    save(folder, "n.ipynb", notebook(cell("1 + 1")));
    const before = process.env["PATH"];
    process.env["PATH"] = `.:${folder}:${before}`;
    try {
      expect((await runNotebook(path.join(folder, "n.ipynb"))).ok).toBe(true);
    } finally {
      process.env["PATH"] = before;
    }
    expect(sprung()).toEqual([]);
    expect(existsSync(path.join(folder, "n.ipynb"))).toBe(true);
    // A filter of the repository's own decides whether a file changed, and it is not run.
    expect(open(path.join(folder, "n.ipynb")).metadata["pepnet"]).toMatchObject({
      git: { commit: expect.any(String) },
    });
    expect(open(path.join(folder, "n.ipynb")).metadata["pepnet"]).not.toHaveProperty("git.dirty");
  });
});
