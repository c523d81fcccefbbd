/** What a path may name: regular files are read, everything else is refused at once, by name. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTable } from "../../../src/core/data/table/open.js";
import { DataError, type Problem } from "../../../src/core/errors/index.js";
import { taobaoLike } from "../../../src/core/samples/generate/taobao.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-paths-"));
let socket: Server;
beforeAll(async () => {
  writeFileSync(join(folder, "good.csv"), "a,b\n1,2\n");
  execFileSync("mkfifo", [join(folder, "pipe.csv"), join(folder, "pipe.parquet")]);
  socket = createServer();
  await new Promise<void>((done) => socket.listen(join(folder, "socket.csv"), done));
});
afterAll(() => {
  socket.close();
  rmSync(folder, { recursive: true, force: true });
});

async function problemOf(work: Promise<unknown>): Promise<Problem | undefined> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).problems[0];
}

describe("a path that names no regular file", () => {
  test("a FIFO, which has no writer, is refused and not waited for", async () => {
    for (const file of ["pipe.csv", "pipe.parquet"]) {
      const path = join(folder, file);
      expect(await problemOf(openTable(path))).toMatchObject({ path, received: "a FIFO (named pipe)" });
      expect(await problemOf(openTable([join(folder, "good.csv"), path]))).toMatchObject({ path });
    }
    // A pattern matches files only.
    expect((await problemOf(openTable(join(folder, "pipe*.csv"))))?.message).toBe("no file matches the pattern");
  });

  test("a device, a link to one, and a socket", async () => {
    symlinkSync("/dev/zero", join(folder, "zero.csv"));
    expect(await problemOf(openTable("/dev/zero"))).toMatchObject({ received: "a device" });
    expect(await problemOf(openTable(join(folder, "zero.csv")))).toMatchObject({ received: "a device" });
    expect(await problemOf(openTable(join(folder, "socket.csv")))).toMatchObject({ received: "a socket" });
  });

  test("a folder where a file is expected, and a link without a file", async () => {
    mkdirSync(join(folder, "list", "year.csv"), { recursive: true });
    writeFileSync(join(folder, "list", "b.csv"), "a\n1\n");
    symlinkSync(join(folder, "nowhere"), join(folder, "list", "lost.csv"));
    expect(await problemOf(openTable(join(folder, "list")))).toMatchObject({
      path: join(folder, "list", "lost.csv"),
      message: "no such file",
    });
    expect((await openTable(join(folder, "list", "b.csv"))).rows).toBe(1);
  });

  test("a path with a zero byte, below a file, or too long is no file", async () => {
    for (const path of ["a\0.csv", join(folder, "good.csv", "x.csv"), `${"x".repeat(5000)}.csv`]) {
      expect((await problemOf(openTable(path)))?.message).toBe("no such file or folder");
    }
  });
});

test("folders that are linked are read, each once, whatever circle the links make", async () => {
  const outer = join(folder, "outer");
  mkdirSync(join(outer, "2024"), { recursive: true });
  mkdirSync(join(folder, "elsewhere"));
  writeFileSync(join(outer, "2024", "a.csv"), "a\n1\n2\n");
  writeFileSync(join(folder, "elsewhere", "b.csv"), "a\n3\n");
  symlinkSync(outer, join(outer, "2024", "back"));
  symlinkSync(join(folder, "elsewhere"), join(outer, "2025"));
  expect(await (await openTable(outer)).column("a")).toEqual([1, 2, 3]);
});

describe("a file to write", () => {
  test("in a folder that is missing, or where something else is, is refused before the work", async () => {
    const { table } = taobaoLike({ rows: 50 });
    const absent = join(folder, "absent", "x.parquet");
    expect(await problemOf(table.toParquet(absent))).toMatchObject({ path: absent, received: join(folder, "absent") });
    const pipe = join(folder, "pipe.parquet");
    expect(await problemOf(table.toParquet(pipe))).toMatchObject({ path: pipe, received: "a FIFO (named pipe)" });
    expect(await problemOf(table.toParquet(folder))).toMatchObject({ path: folder, received: "a folder" });
    const below = join(folder, "good.csv", "x.parquet");
    expect(await problemOf(table.toParquet(below))).toMatchObject({ path: below });
  });
});
