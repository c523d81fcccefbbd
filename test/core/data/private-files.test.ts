/** Decoded texts and results of verbs are in a folder that only their user may enter, and go with their process. */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { passingPath } from "../../../src/core/util/unfinished.js";

let temporary = "";
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "pepnet-private-files-"));
  vi.stubEnv("TMPDIR", temporary);
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

/** A folder as a process makes it. */
function folderOf(host: string, pid: number): string {
  const folder = passingPath(join(temporary, "pepnet-files"), "unfinished");
  mkdirSync(folder);
  writeFileSync(join(folder, "process"), JSON.stringify([host, pid]));
  return folder;
}

test("the folder is the user's own; results of verbs are in it while they are used", async () => {
  const { dataset } = await import("../../../src/api/data/dataset.js");
  const result = await (await dataset({ a: [1, 2] })).derive({ b: "a + 1" });
  const [folder = "", ...others] = readdirSync(temporary);
  expect(others).toEqual([]);
  expect(lstatSync(join(temporary, folder)).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(temporary, folder)).filter((name) => name.endsWith(".parquet")).length).toBeGreaterThan(0);
  expect(await result.table.column("b")).toEqual([2, 3]);
});

test("folders of killed processes go with the next one; those of running ones, of other machines and programs stay", async () => {
  const gone = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
  const left = folderOf(hostname(), gone);
  const kept = [folderOf(hostname(), process.pid), folderOf("another machine", gone)];
  const foreign = join(temporary, "pepnet-files.unfinished-0123456789abcdef0123456789abcdef");
  mkdirSync(foreign);
  const { privateFilesFolder } = await import("../../../src/core/data/sources/file-version.js");
  expect(existsSync(privateFilesFolder())).toBe(true);
  expect(existsSync(left)).toBe(false);
  for (const folder of [...kept, foreign]) expect(existsSync(folder), folder).toBe(true);
});
