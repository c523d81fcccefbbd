// What `npm start`, `npm test` and `npm run lab` share: packages installed and sources compiled, each only where due.
// Plain JavaScript without packages, since it runs on a fresh clone.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const stamp = path.join(root, "node_modules", ".pepnet-installed");

/** Ends the command with a message that says what to do. */
export function fail(what, fix) {
  console.error(`\n✗ ${what}\n  → ${fix}`);
  process.exit(1);
}

/** Node version, packages, compiled sources. */
export async function setUp() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20)
    fail(`Node ${process.versions.node} is too old`, "install Node 20 or newer (nodejs.org), then run this again");
  await install();
  await build();
}

async function install() {
  const lock = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  await step("Installing packages (about half a minute, 1.2 GB on disk)", async () => {
    const code = await run(process.execPath, [npmCli(), "ci", "--ignore-scripts", "--loglevel", "error"], {
      quiet: true,
    });
    if (code !== 0) {
      fail(
        "npm could not install the packages",
        "read npm's message above; check the connection to the npm registry (or its proxy) and the free disk space, then run this again",
      );
    }
  });
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

async function build() {
  // Not `npx tsc`: the notebook kernel brings an older TypeScript that claims the same command.
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  await step("Compiling", async () => {
    const code = await run(process.execPath, [tsc, "-p", root]);
    if (code !== 0)
      fail(
        "the sources do not compile",
        "mend the errors above (or, on an unchanged clone: rm -rf node_modules dist, and run this again)",
      );
  });
}

/** npm's own script, so that the call works on every platform without a shell. */
export function npmCli() {
  const candidates = [
    process.env.npm_execpath,
    path.resolve(process.execPath, "../../lib/node_modules/npm/bin/npm-cli.js"),
    path.resolve(process.execPath, "../node_modules/npm/bin/npm-cli.js"),
  ];
  const found = candidates.find((file) => file?.endsWith("npm-cli.js") && existsSync(file));
  return found ?? fail("npm was not found", "start this with `npm start` or `npm test`");
}

/** Runs a step, with its name and how long it took. */
export async function step(name, work) {
  const start = Date.now();
  const terminal = process.stdout.isTTY;
  process.stdout.write(terminal ? `… ${name}` : `… ${name}\n`);
  const result = await work();
  process.stdout.write(`${terminal ? "\r" : ""}✓ ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
  return result;
}

/** Runs a program in the project's folder and gives its exit code. `quiet`: its standard output is not shown. */
export function run(command, args, { quiet = false, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ["ignore", quiet ? "ignore" : "inherit", "inherit"];
    const child = spawn(command, args, { cwd: root, stdio, env });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}
