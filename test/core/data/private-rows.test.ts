/** Rows that are on disk for one process only: nobody else can read them, prepare their folder, or have files removed. */
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { writePrivateEntry } from "../../../src/core/data/cache-folder.js";
import { encode } from "../../../src/core/data/encode/encode.js";
import { encodedRows } from "../../../src/core/data/encoded/encoded-rows.js";
import { isStreamed } from "../../../src/core/data/encoded/streamed.js";
import { openTable } from "../../../src/core/data/table/open.js";
import { passingPath } from "../../../src/core/util/unfinished.js";
import { idSpec, modelSpec } from "./specs.js";

let folder = "";
let temporary = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pepnet-private-rows-"));
  temporary = join(folder, "tmp");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const spec = modelSpec({ features: [idSpec("user", 50)] });
const table = () => openTable({ user: Int32Array.from({ length: 5000 }, (_, row) => row % 50) });
const left = () => readdirSync(temporary);
const unfinished = () => passingPath(join(temporary, "pepnet-rows"), "unfinished");

/** A folder of an earlier process that was killed two hours ago. */
function leftFolder(): string {
  const path = unfinished();
  mkdirSync(path);
  writeFileSync(join(path, "rows"), "half");
  const before = Date.now() / 1000 - 7200;
  for (const place of [join(path, "rows"), path]) utimesSync(place, before, before);
  return path;
}

describe("the file of rows that are not kept", () => {
  test("is in a new folder of a random name that only its owner may enter, and has no name once it is open", async () => {
    const entries = [writePrivateEntry(), writePrivateEntry()];
    expect(new Set(left()).size).toBe(2);
    for (const name of left()) {
      expect(lstatSync(join(temporary, name)).mode & 0o777).toBe(0o700);
    }
    const encoded = await encode(await table(), spec);
    for (const { writer, keep } of entries) {
      writer.append(encoded);
      writer.finish([]);
      const opened = keep();
      await opened.verify();
      expect(opened.layout.rows).toBe(5000);
      opened.close();
    }
    expect(left()).toEqual([]);
  });

  test("leaves nothing behind where it is given up", () => {
    const entry = writePrivateEntry();
    entry.discard();
    expect(left()).toEqual([]);
  });

  test("is used for rows that memory does not hold where there is no cache, whatever others have put there", async () => {
    const victim = join(folder, "victim");
    mkdirSync(victim);
    symlinkSync(victim, join(temporary, "pepnet-private"));
    symlinkSync(victim, join(temporary, "pepnet-rows"));
    writeFileSync(join(folder, "cache"), "a file, not a folder");
    vi.stubEnv("PEPNET_CACHE", join(folder, "cache"));
    expect(isStreamed(await encodedRows(await table(), spec, { memoryMB: 0.001 }))).toBe(true);
    expect(readdirSync(victim)).toEqual([]);
    expect(left().sort()).toEqual(["pepnet-private", "pepnet-rows"]);
  });
});

describe("a folder of rows in the temporary directory", () => {
  test("that a killed process left is removed an hour later; those of running processes stay", () => {
    const [old, running] = [leftFolder(), unfinished()];
    mkdirSync(running);
    writePrivateEntry().discard();
    expect(existsSync(old)).toBe(false);
    expect(existsSync(running)).toBe(true);
  });

  test("stays where its name is not proven, it is a link, or another user's", () => {
    const renamed = leftFolder();
    const unproven = `${renamed.slice(0, -1)}${renamed.endsWith("0") ? "1" : "0"}`;
    mkdirSync(unproven);
    utimesSync(unproven, 1, 1);
    const victim = join(folder, "victim");
    mkdirSync(victim);
    writeFileSync(join(victim, "precious"), "");
    utimesSync(victim, 1, 1);
    const link = unfinished();
    symlinkSync(victim, link);
    const others = leftFolder();
    if (process.getuid?.() === 0) chownSync(others, 12345, 12345);
    writePrivateEntry().discard();
    expect(existsSync(join(victim, "precious"))).toBe(true);
    expect([unproven, link].map((place) => existsSync(place))).toEqual([true, true]);
    expect(existsSync(others)).toBe(process.getuid?.() === 0);
  });
});
