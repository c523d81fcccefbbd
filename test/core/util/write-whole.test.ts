/** Files are written whole: beside their place, under names that prove whose they are. */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isPassing, passingPath } from "../../../src/core/util/unfinished.js";
import { makeRoom, writeFileWhole, writeFileWholeSync, writeWhole } from "../../../src/core/util/write-whole.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: string[]): string => path.join(folder, ...names);
const long = new Date(Date.now() - 1e8);

function old(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "mine");
  utimesSync(file, long, long);
  return file;
}

describe("a name of what is being written", () => {
  it("is known by its digest, whatever the file's name", () => {
    for (const base of ["a.parquet", "ü".repeat(120), "x".repeat(255), "line\nbreak", "a.unfinished-b"]) {
      const name = path.basename(passingPath(at(base), "unfinished"));
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(isPassing(name, "unfinished", base)).toBe(true);
      expect(isPassing(name, "replaced", base)).toBe(false);
      expect(isPassing(name, "unfinished", "other")).toBe(false);
      expect(
        isPassing(
          name.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
          "unfinished",
          base,
        ),
      ).toBe(false);
    }
    expect(isPassing("first.unfinished-draft-1", "unfinished")).toBe(false);
    expect(isPassing(`first.unfinished-${"0".repeat(32)}`, "unfinished")).toBe(false);
  });
});

describe("a file", () => {
  it("is replaced whole, keeps its rights, and stays behind a link", async () => {
    writeFileSync(at("real"), "before");
    chmodSync(at("real"), 0o640);
    symlinkSync(at("real"), at("link"));
    for (const write of [writeFileWhole, async (file: string, text: string) => writeFileWholeSync(file, text)]) {
      await write(at("link"), "after");
      expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
      expect(readFileSync(at("real"), "utf8")).toBe("after");
      expect(statSync(at("real")).mode & 0o777).toBe(0o640);
      writeFileSync(at("real"), "before");
    }
    expect(readdirSync(folder).sort()).toEqual(["link", "real"]);
  });

  it("is as it was where writing fails, with nothing beside it", async () => {
    writeFileSync(at("a"), "before");
    const failing = async (fresh: string): Promise<void> => {
      writeFileSync(fresh, "half");
      throw new Error("no space");
    };
    await expect(writeWhole(at("a"), failing)).rejects.toThrow("no space");
    mkdirSync(at("b"));
    await expect(writeFileWhole(at("b"), "")).rejects.toThrow("the target is a folder, not a file");
    expect(() => writeFileWholeSync(at("b"), "")).toThrow("the target is a folder, not a file");
    expect(readFileSync(at("a"), "utf8")).toBe("before");
    expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
  });

  it("that is a device is written to, never replaced", async () => {
    await writeFileWhole("/dev/null", "text");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    await expect(writeWhole("/dev/null", async () => undefined)).rejects.toThrow("the target is a device or a pipe");
  });

  it("takes away what killed processes left long ago, and nothing else", async () => {
    const left = old(passingPath(at("a"), "unfinished"));
    const others = [
      old(at("a.unfinished-draft-1")),
      old(at("a.writing-1")),
      old(`${left}.txt`),
      old(passingPath(at("b"), "unfinished")),
      path.join(folder, path.basename(passingPath(at("a"), "unfinished"))),
    ];
    writeFileSync(others[4] as string, "another process is at it");
    await writeFileWhole(at("a"), "whole");
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(["a", ...others.map((file) => path.basename(file))].sort());
  });

  it("leaves nothing half-written where the process exits", () => {
    const build = path.resolve(__dirname, "../../../dist/core/util/write-whole.js");
    const script = `require(${JSON.stringify(build)}).writeWhole(${JSON.stringify(at("a"))}, async (fresh) => {
      require("fs").writeFileSync(fresh, "half"); process.exit(3); })`;
    expect(spawnSync(process.execPath, ["-e", script]).status).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a cache in a folder of other programs", () => {
  it("removes only files whose content is the cache's", () => {
    const own = ["1.kept", "2.kept", "3.kept"].map((name) => old(at(name)));
    for (const file of own) writeFileSync(file, "cache: entry");
    for (const file of own) utimesSync(file, long, long);
    const others = [old(at("0.kept")), old(at("notes.txt")), old(at("x.writing"))];
    mkdirSync(at("folder.kept"));
    const kind = { extension: ".kept", isOwn: (file: string) => readFileSync(file, "utf8").startsWith("cache: ") };
    makeRoom(folder, kind, { files: 1, newest: own[2] as string });
    const kept = [own[2] as string, ...others, at("folder.kept")].map((file) => path.basename(file));
    expect(readdirSync(folder).sort()).toEqual(kept.sort());
  });
});
