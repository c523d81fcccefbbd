/** Which engine trains if none is named: onnxruntime has no binary for some machines. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { defaultEngine, onnxruntimeProblem } from "../../../src/core/engine/compiled/onnxruntime.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-onnxruntime-"));
mkdirSync(path.join(folder, "bin/napi-v6/darwin/arm64"), { recursive: true });
mkdirSync(path.join(folder, "bin/napi-v6/linux/x64"), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("here, the compiled one", () => {
  expect(defaultEngine()).toEqual({ name: "compiled", note: null });
});

test.each([
  ["a Mac with an Intel processor", { platform: "darwin", arch: "x64", musl: false }, "has no binary for darwin x64"],
  ["a Linux without glibc", { platform: "linux", arch: "x64", musl: true }, "needs glibc"],
])("%s: wasm, with a note", (_, platform, reason) => {
  const problem = onnxruntimeProblem(platform, folder);
  expect(problem?.message).toContain(reason);
  expect(problem?.fix).toBe('train with engine: "wasm"');
  const { name, note } = defaultEngine(problem);
  expect(name).toBe("wasm");
  expect(note).toContain(reason);
});

test("a package that was left out: how to install it", () => {
  expect(onnxruntimeProblem({ platform: "linux", arch: "x64", musl: false }, null)?.fix).toMatch(
    /^npm install --ignore-scripts onnxruntime-node@\d/,
  );
});

test("a supported platform: no problem", () => {
  expect(onnxruntimeProblem({ platform: "darwin", arch: "arm64", musl: false }, folder)).toBeNull();
});
