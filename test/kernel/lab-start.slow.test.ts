/** What `npm run lab` does at each start where nothing has changed. */

import { mkdtempSync, readdirSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { installKernel } from "../../src/kernel/install.js";
import { python, runPython } from "./python.js";

describe("a start where nothing has changed", () => {
  it("writes no file of the kernel a second time", async () => {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), "pepnet-lab-start-"));
    const state = (): string[] =>
      readdirSync(dataDir, { recursive: true, encoding: "utf8" }).map((name) => {
        const { ino, mtimeMs } = statSync(path.join(dataDir, name));
        return `${name} ${ino} ${mtimeMs}`;
      });
    const first = await installKernel({ dataDir });
    const before = state();
    expect(await installKernel({ dataDir })).toEqual(first);
    expect(state()).toEqual(before);
  });

  it.skipIf(python === null)("starts JupyterLab without building grammars", async () => {
    const program = path.join(packageRoot, "scripts", "start-lab.py");
    const env = { ...process.env, PYTHONWARNINGS: "ignore" };
    const { code, printed } = await runPython(["-X", "importtime", program, "--version"], env, os.tmpdir());
    expect(code, printed).toBe(0);
    expect(printed).toMatch(/^4\.\d+\.\d+/m);
    expect(printed).toMatch(/\| +jsonschema$/m);
    expect(printed).not.toMatch(/\blark\b/);
  });
});
