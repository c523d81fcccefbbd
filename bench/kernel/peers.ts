/** Other kernels to compare with: bare tslab, on which ours is built, and Python's ipykernel. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { kernelArgv } from "../../src/kernel/kernel-spec.js";

/** A kernel's command, and the cells that the measurement runs in it. */
export interface Peer {
  readonly argv: readonly string[];
  /** Declares a number `total`. */
  readonly declare: string;
  /** Changes and shows it; each cell differs, as a compiler may keep the result of one that does not. */
  change(n: number): string;
  /** A cell with declarations for a long session. */
  fill(n: number): string;
}

const typescript: Omit<Peer, "argv"> = {
  declare: "let total = 0;",
  change: (n) => `total += ${n};\ntotal`,
  fill: (n) => `function double${n}(x: number) { return 2 * x; }\nconst value${n} = { n: ${n}, text: "cell ${n}" };`,
};

/** Our kernel. */
export const pepnet: Peer = { argv: kernelArgv, ...typescript };

/**
 * tslab 1.0.22 with its own TypeScript, which this project's packages replace: the first call installs it into a cache
 * folder (45 MB).
 */
export function tslab(): Peer {
  const folder = path.join(packageRoot, "node_modules", ".cache", "pepnet-bench-tslab");
  const program = path.join(folder, "node_modules", "tslab", "bin", "tslab");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    execFileSync(npm, ["install", "--ignore-scripts", "--no-audit", "--no-fund", "tslab@1.0.22"], {
      cwd: folder,
      stdio: ["ignore", process.stderr.fd, process.stderr.fd],
    });
  }
  const guard = path.join(folder, "binds.cjs");
  writeFileSync(guard, sendsAfterBinds);
  return {
    argv: [process.execPath, "--require", guard, program, "kernel", "--config-path", "{connection_file}"],
    ...typescript,
  };
}

/**
 * tslab answers while it still binds its sockets. To a client as quick as ours, this ends it: "Socket is blocked by a bind
 * or unbind operation". Here its messages wait for the bind.
 */
const sendsAfterBinds = `"use strict";
const zmq = require("zeromq");
const binds = new WeakMap();
for (const { prototype } of [zmq.Publisher, zmq.Router, zmq.Reply]) {
  const { bind, send } = prototype;
  const bindAndKeep = function (address) {
    const bound = bind.call(this, address);
    binds.set(this, bound);
    return bound;
  };
  const sendThen = async function (message) {
    await binds.get(this);
    return send.call(this, message);
  };
  Object.defineProperties(prototype, { bind: { value: bindAndKeep }, send: { value: sendThen } }); // they cannot be assigned
}
`;

/** ipykernel of the project's Python environment (`npm test` makes it), or null without one. */
export function ipykernel(): Peer | null {
  const folder = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const python = process.env["PEPNET_PYTHON"] ?? path.join(packageRoot, ".venv", ...folder);
  if (!existsSync(python)) return null;
  return {
    // With a parent it prints nothing.
    argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}", `--IPKernelApp.parent_handle=${process.pid}`],
    declare: "total = 0",
    change: (n) => `total += ${n}\ntotal`,
    fill: (n) => `def double${n}(x): return 2 * x\nvalue${n} = { "n": ${n}, "text": "cell ${n}" }`,
  };
}
