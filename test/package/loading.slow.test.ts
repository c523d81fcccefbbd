/** Heavy packages load when they are used: which packages each use of this one has loaded by its end. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparation, steps } from "../../bench/package-steps.js";

const dist = path.resolve(__dirname, "../../dist/index.js");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-loading-"));
  run(preparation);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(code: string): string {
  return execFileSync(process.execPath, ["-e", code, dist, folder], { encoding: "utf8" });
}

/** The packages from which the step's process has loaded a file; those of threads are not among them. */
function loadedBy(step: string): string[] {
  const told = `process.on("exit", () => console.log(JSON.stringify(Object.keys(require.cache))));`;
  const files = JSON.parse(run(`${told}\n${steps[step]}`).trim().split("\n").at(-1) as string) as string[];
  expect(files).toContain(dist);
  const names = files.flatMap((file) => /.*node_modules[\\/](@[^\\/]+|[^\\/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

test.each([
  ["require", []],
  ["model", []],
  ["columns", []],
  ["charts", []],
  ["gates", []], // the engine's threads have TF.js and onnxruntime
  ["parquet", ["@duckdb", "detect-libc"]],
])("%s: %j", (step, expected) => {
  expect(loadedBy(step)).toEqual(expected);
});

test("a config that is opened and printed: protobufjs alone", () => {
  const loaded = loadedBy("config");
  expect(loaded).toContain("protobufjs");
  expect(loaded.filter((name) => !/^(@?protobufjs|long)$/.test(name))).toEqual([]);
});
