/** Folders come into being in one place, which ends below /proc too. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { writePage } from "../../../src/api/report.js";
import { lockFolder } from "../../../src/core/train/saved/lock.js";
import { makeFolders } from "../../../src/core/util/files/make-folders.js";
import { prepareToWrite } from "../../../src/kernel/notebook/files.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-folders-"));
const source = path.resolve(__dirname, "../../../src");

test("gives the first folder that it created", () => {
  const first = path.join(folder, "a");
  expect(makeFolders(path.join(first, "b", "c"))).toBe(first);
  expect(existsSync(path.join(first, "b", "c"))).toBe(true);
  expect(makeFolders(path.join(first, "b"))).toBeUndefined();
});

test("throws what the file system says of a file in the way", () => {
  const file = path.join(folder, "file");
  writeFileSync(file, "");
  expect(() => makeFolders(file)).toThrow("EEXIST");
  expect(() => makeFolders(path.join(file, "below"))).toThrow("ENOTDIR");
});

test("nothing else creates folders with their parents", () => {
  const others = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (file) =>
      file.endsWith(".ts") &&
      /\bmkdir(Sync)?\([^;]*recursive: true/.test(readFileSync(path.join(source, file), "utf8")),
  );
  expect(others).toEqual([]);
});

describe.runIf(process.platform === "linux")("below /proc", () => {
  const below = "/proc/pepnet/deep/file";
  const writers: Readonly<Record<string, () => unknown>> = {
    folders: () => makeFolders(below),
    report: () => writePage(below, "<p>"),
    notebook: () => prepareToWrite(below),
    run: () => lockFolder(below, "run"),
    predictions: async () => (await dataset({ k: [1] })).toParquet(below),
  };

  test.each(Object.keys(writers))("writing a %s ends with an error", async (name) => {
    await expect((async () => writers[name]!())()).rejects.toThrow(/ENOENT|no such file|does not exist/i);
  });
});
