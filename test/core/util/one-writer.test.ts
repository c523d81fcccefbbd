/** Files come into being by src/core/util/write-whole.ts and unfinished.ts alone: whole, and under names that prove whose they are. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const source = path.resolve(__dirname, "../../../src");
/** What would leave half a file, or replace one of others. */
const writers = /\b(writeFile|copyFile|rename|appendFile|createWriteStream|truncate|rmdir|rm|unlink)(Sync)?\b/;

/** Who else may, and why. */
const others: Readonly<Record<string, string>> = {
  "core/bridge/export.ts": "fills a fresh folder, which is renamed",
  "kernel/cli/doctor.ts": "removes its own temporary folder",
  "kernel/cli/new.ts": "writes into a new or empty folder, links pepnet there, and removes both if it fails",
  "core/data/sources/file-version.ts": "files in a folder of its own, which only it knows, and removes that",
  "core/data/sources/parquet.ts": "removes its own folders of parts and of sorted rows",
  "core/data/cache-folder.ts": "streams rows into fresh files and into folders of its own; a damaged entry goes",
  "kernel/client.ts": "the connection file of a kernel that it starts, under a random name",
  "kernel/doctor.ts": "its own temporary folder",
  "kernel/install.ts": "removes what its own list says it installed",
  "kernel/process/crash-mark.ts": "the mark of its own process, beside the snapshot that it started from",
  "kernel/assets/snapshot.cjs": "removes the snapshot that it is, once its files have changed",
  "core/train/saved/folder.ts": "moves whole folders and removes files, after these were proven",
  "core/train/saved/lock.ts": "its own locks",
  "core/util/unfinished.ts": "removes what killed processes left",
  "core/util/write-whole.ts": "writes whole files",
  "core/train/saved/series.ts": "moves through the lock's folder, and what killed trainings left in their locks",
};

it("every other place that writes or removes files is known, with its reason", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => /\.c?[tj]s$/.test(file));
  const found = files
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => {
      const imports = readFileSync(path.join(source, file), "utf8").matchAll(
        /(?:import|const) ([^;]*?) (?:from |= require\()"node:fs(?:\/promises)?"/g,
      );
      return [...imports].some(([, names]) => writers.test(names as string) || /\* as|^\w+$/.test(names as string));
    });
  expect(found.sort()).toEqual(Object.keys(others).sort());
});
