/** What `PEPNET_DEBUG=1` prints. */

import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { stackText } from "../../../src/core/util/debug.js";
import { mainFile } from "../../kernel/cli/command.js";
import { transpileTree } from "../../worker-file.js";

/** Standard error of a program. */
function errors(args: readonly string[], debug: string | undefined): Promise<string> {
  const env = { ...process.env, PEPNET_DEBUG: debug };
  return new Promise((resolve) => execFile(process.execPath, args, { env }, (_, __, printed) => resolve(printed)));
}

test("the command prints the stack of any error, and without it the message alone", async () => {
  const command = [mainFile, "eval", "--run", "no-such-run", "--data", "no-such-rows.parquet"];
  for (const off of [undefined, "", "0"]) expect(await errors(command, off), off).not.toMatch(/^ +at /m);
  expect(await errors(command, "1")).toMatch(/no-such-run[\s\S]*^ +at .*dist/m);
});

test("a thread is named with its file when it starts, and its errors with their stack", async () => {
  const threads = path.resolve(__dirname, "../../../src/core/util");
  const [client, aside] = ["called-thread.ts", "called-thread.ts"].map((file) =>
    transpileTree(path.join(threads, file)),
  );
  const script = `
    const { isMainThread } = require("node:worker_threads");
    if (isMainThread) {
      const { AsideThread } = require(${JSON.stringify(aside)});
      const parts = { name: "pepnet-example", error: Error, ended: (cause) => cause };
      new AsideThread({ ...parts, file: () => process.argv[1] }).call(1).catch(() => {});
    } else require(${JSON.stringify(client)}).serveCalls(function refused() { throw new Error("refused"); }, String);`;
  const file = path.join(mkdtempSync(path.join(tmpdir(), "pepnet-debug-")), "script.cjs");
  writeFileSync(file, script);
  expect(await errors([file], "0")).toBe("");
  const printed = await errors([file], "1");
  expect(printed).toContain(`[pepnet] pepnet-example: thread 1 started: ${file}`);
  expect(printed).toMatch(/\[pepnet\] thread 1: call failed: Error: refused\n +at .*refused/);
});

test("the text of an error holds its causes, and ends where they are a circle", () => {
  const inner = new Error("inner");
  const outer = new Error("outer", { cause: inner });
  expect(stackText(outer)).toMatch(/^Error: outer\n[\s\S]*\ncaused by Error: inner\n/);
  expect(stackText(new Error("odd", { cause: "a text" }))).toMatch(/caused by a text$/);
  inner.cause = outer;
  expect(stackText(outer).match(/caused by/g)).toHaveLength(9);
});
