/** Calls to a worker thread: their answers in order, their failures, and what waits when the thread ends. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AsideThread, CalledThread } from "../../../../src/core/util/called-thread.js";
import { transpileTree } from "../../../worker-file.js";

type Call = number | "throw" | "end" | ArrayBuffer;
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-thread-"));
  file = path.join(folder, "thread.cjs");
  const client = transpileTree(path.resolve(__dirname, "../../../../src/core/util/called-thread.ts"));
  writeFileSync(
    file,
    `const { serveCalls } = require(${JSON.stringify(client)});
    const { parentPort } = require("node:worker_threads");
    parentPort.on("message", (message) => { if (message === "close") parentPort.close(); });
    let answered = 0;
    serveCalls(async (call) => {
      if (call === "throw") throw new RangeError("refused");
      if (call === "end") process.exit(3);
      if (call instanceof ArrayBuffer) return call.byteLength;
      await new Promise((resolve) => setTimeout(resolve, call));
      return ++answered;
    }, (error) => error.name + ": " + error.message);`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const parts = {
  name: "test",
  error: (failure: string) => new Error(failure),
  ended: ({ message }: Error) => new Error(`over: ${message}`),
};
const aside = () => new AsideThread<Call, number, string>({ ...parts, file: () => file });

test("answers come in the order of the calls", async () => {
  const thread = aside();
  expect(await Promise.all([thread.call(20), thread.call(0), thread.call(5)])).toEqual([1, 2, 3]);
  expect(thread.waiting).toBe(0);
});

test("a failed call rejects alone", async () => {
  const thread = aside();
  const [first, second, third] = await Promise.allSettled([thread.call(0), thread.call("throw"), thread.call(0)]);
  expect(first).toMatchObject({ value: 1 });
  expect(second).toMatchObject({ reason: new Error("RangeError: refused") });
  expect(third).toMatchObject({ value: 2 });
});

test("a buffer that is moved leaves nothing behind; what cannot be copied rejects and blocks nothing", async () => {
  const thread = aside();
  const buffer = new ArrayBuffer(64);
  expect(await thread.call(buffer, [buffer])).toBe(64);
  expect(buffer.byteLength).toBe(0);
  await expect(thread.call((() => {}) as unknown as Call)).rejects.toThrow("could not be cloned");
  expect(thread.waiting).toBe(0);
  expect(await thread.call(0)).toBe(1);
});

test("all waiting calls reject when the thread ends, and the next call starts another", async () => {
  const thread = aside();
  const ends = await Promise.allSettled([thread.call("end"), thread.call(0)]);
  expect(ends.map((end) => (end as PromiseRejectedResult).reason.message)).toEqual(
    Array(2).fill("over: the thread ended"),
  );
  expect(await thread.call(0)).toBe(1);
});

test("a thread that is not there rejects its call", async () => {
  const missing = new AsideThread<Call, number, string>({ ...parts, file: () => path.join(folder, "missing.cjs") });
  await expect(missing.call(0)).rejects.toThrow(/over: Cannot find module/);
});

test("one thread: its end is reported once, and calls after it reject", async () => {
  let ends = 0;
  const thread = new CalledThread<Call, string>({ ...parts, file: () => file }, () => ends++);
  expect(await thread.call(0)).toBe(1);
  await thread.exit("close");
  expect(ends).toBe(1);
  await expect(thread.call(0)).rejects.toThrow("over: the thread ended");
});
