// Which test files share a process, and with it what others have loaded and compiled: that saves each about a second.
// They are those of folders that start no kernel and no browser of their own, unless their text changes or measures the
// process.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** Folders whose files share processes; several groups, since a process grows with what its files leave behind. */
const groups = {
  data: ["api", "cli", "data", "domains", "samples", "train"],
  engine: ["ablation", "bridge", "engine", "gates", "jit", "metrics", "nn", "parity", "serve", "tfjs"],
  views: ["builder", "charts", "config", "notebook", "render", "report", "spec", "tables", "util"],
  sources: ["house", "layering.test.ts"],
};

const reasons = [
  /\bvi\.(mock|doMock|stub|spyOn|useFake)/,
  /\bprocess\.env(\.\w+|\["\w+"\]) = |\bdelete process\.env\b/,
  /\bprocess\.(chdir|on|once|umask)\(/,
  // What the process needs, or has compiled so far.
  /\b(memory|resource)Usage\b|\/proc\/self\b|\bsetFlagsFromString\b|\bcompilations\(/,
];

/** By group, relative to the project, with "/". */
export function sharingTestFiles() {
  const tests = path.join(root, "test");
  const files = readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .filter((name) => !needsOwnProcess(readFileSync(path.join(tests, name), "utf8")))
    .map((name) => name.split(path.sep));
  return Object.entries(groups).map(([name, folders]) => ({
    name,
    files: files.flatMap((parts) => (folders.includes(parts[0]) ? [path.posix.join("test", ...parts)] : [])),
  }));
}

/** @param {string} text of a test file */
export function needsOwnProcess(text) {
  return reasons.some((reason) => reason.test(text));
}
