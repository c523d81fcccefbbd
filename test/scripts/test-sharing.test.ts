/** Test files share a process unless they change it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { longest, longestTogether } from "../../scripts/test-order.mjs";
import { needsOwnProcess, sharingTestFiles } from "../../scripts/test-sharing.mjs";

test("files of kernels and the package share none, nor do files that mock, set variables for good or measure memory", () => {
  const files = sharingTestFiles().flatMap((group) => group.files);
  expect(files).toContain("test/api/runs.test.ts");
  expect(files).toContain("test/core/data/delimited/scan.slow.test.ts");
  expect(files.filter((name) => /^test\/(docs|kernel\/(?!cli|notebook)|notebooks|package)/.test(name))).toEqual([]);
  for (const name of [
    "core/data/csv-order.slow",
    "core/data/path-names",
    "lab/ablation/study",
    "core/engine/leaks.slow",
    "core/engine/compilations",
  ]) {
    expect(files).not.toContain(`test/${name}.test.ts`);
  }
});

test("those that are listed to come first exist, and share a process or none as the lists say", () => {
  const sharing = sharingTestFiles().flatMap((group) => group.files);
  for (const name of longestTogether) expect(sharing).toContain(`test/${name}.test.ts`);
  for (const name of longest) {
    expect(existsSync(path.resolve(`test/${name}.test.ts`)), name).toBe(true);
    expect(sharing).not.toContain(`test/${name}.test.ts`);
  }
});

test.each([
  'vi.mock("node:os");',
  'vi.stubEnv("TMPDIR", folder); afterEach(() => vi.unstubAllEnvs());',
  'vi.stubEnv("PEPNET_CACHE", folder);',
  'vi.spyOn(performance, "now");',
  "process.env.PEPNET_CACHE = folder;",
  'process.env["PEPNET_CACHE"] = folder;',
  "delete process.env.PEPNET_CACHE;",
  "process.chdir(folder);",
  'process.on("worker", count);',
  "const { rss } = process.memoryUsage();",
])("%s needs a process of its own", (line) => {
  expect(needsOwnProcess(line)).toBe(true);
});

test.each([
  "const env = { ...process.env, TZ: zone };",
  'vi.stubEnv("PEPNET_CACHE", folder); afterAll(() => vi.unstubAllEnvs());',
  'vi.spyOn(performance, "now"); afterEach(() => vi.restoreAllMocks());',
  "if (process.env.PEPNET_LONG === undefined) return;",
  "expect(process.exitCode).toBe(0);",
])("%s does not", (line) => {
  expect(needsOwnProcess(line)).toBe(false);
});
