/** `PEPNET_DEBUG=1` in the kernel: its messages on stderr, and all frames of an error. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { mainFile } from "./cli/command.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-debug-kernel-"));
const notebook = path.join(folder, "fails.ipynb");
const source = ['import { dataset } from "pepnet";\n', 'await dataset("missing.csv");'];
const cell = { cell_type: "code", id: "a", metadata: {}, execution_count: null, outputs: [], source };
const metadata = { kernelspec: { name: "pepnet", display_name: "TypeScript (PEPNet)", language: "typescript" } };
writeFileSync(notebook, JSON.stringify({ cells: [cell], metadata, nbformat: 4, nbformat_minor: 5 }));

/** Runs the notebook; standard error, and the traceback that the notebook then holds. */
async function run(debug: string): Promise<{ errors: string; traceback: string }> {
  const env = { ...process.env, PEPNET_DEBUG: debug };
  const errors = await new Promise<string>((resolve) => {
    execFile(process.execPath, [mainFile, "notebook", "run", notebook], { env }, (_, __, text) => resolve(text));
  });
  const { cells } = JSON.parse(readFileSync(notebook, "utf8"));
  return { errors, traceback: cells[0].outputs.at(-1).traceback.join("\n") };
}

test("is off: no lines, and the library's frames are a count", async () => {
  const { errors, traceback } = await run("0");
  expect(errors).not.toContain("[pepnet]");
  expect(traceback).toMatch(/\d frames of libraries/);
  expect(traceback).not.toContain("dist");
});

test("is on: each request, and every frame", async () => {
  const { errors, traceback } = await run("1");
  expect(errors).toMatch(/\[pepnet\] kernel: shell kernel_info_request /);
  expect(errors).toMatch(/\[pepnet\] kernel: shell execute_request /);
  expect(traceback).toMatch(/DataError: missing\.csv[\s\S]* at .*dist.core.data/);
});
