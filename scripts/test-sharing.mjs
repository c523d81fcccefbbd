// Which test files share a process, and with it what others have loaded and compiled: that saves each about a second.
// They are those of folders that start no kernel and no browser, unless their text changes or measures the process.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

const folders =
  /^(ablation|api|bridge|builder|charts|config|data|domains|engine|gates|house|jit|metrics|nn|parity|render|report|samples|serve|spec|tables|tfjs|train|types|util)[\\/]/;

const reasons = [
  /\bvi\.(mock|doMock|stub|spyOn|useFake)/,
  /\bprocess\.env(\.\w+|\["\w+"\]) = |\bdelete process\.env\b/,
  /\bprocess\.(chdir|on|once|umask)\(/,
  // What the process needs, or has compiled so far.
  /\b(memory|resource)Usage\b|\/proc\/self\b|\bsetFlagsFromString\b|\bcompilations\(/,
];

/** Relative to the project, with "/". */
export function sharingTestFiles() {
  const tests = path.join(root, "test");
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && folders.test(name))
    .filter((name) => !needsOwnProcess(readFileSync(path.join(tests, name), "utf8")))
    .map((name) => path.posix.join("test", ...name.split(path.sep)));
}

/** @param {string} text of a test file */
export function needsOwnProcess(text) {
  return reasons.some((reason) => reason.test(text));
}
