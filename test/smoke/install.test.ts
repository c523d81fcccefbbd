/** The kernel is installed for Jupyter, found sound, and removed. More of it, in test/kernel, is slow. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { installKernel, uninstallKernel } from "../../src/kernel/install.js";

it("an installed kernel starts this package, and leaves nothing behind when it is removed", async () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "pepnet-install-"));
  try {
    const files = await installKernel({ dataDir });
    const spec = JSON.parse(readFileSync(path.join(dataDir, "kernels/pepnet/kernel.json"), "utf8"));
    expect(spec).toMatchObject({ language: "typescript", interrupt_mode: "signal" });
    expect(spec.argv).toContain("{connection_file}");
    const below = () => readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    expect(below().length).toBe(files.length);
    await uninstallKernel({ dataDir });
    expect(below()).toEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
