// `npm run test:kernel`: Jupyter's own conformance suite (jupyter_kernel_test) on the kernel, nothing else; fails where
// one of its tests fails or is skipped. Needs Python 3.9 or newer.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { ensurePythonEnv, jupyterEnvironment, testPackages } from "./python-env.mjs";
import { fail, root, run, setUp, step } from "./setup.mjs";

await setUp("run");
const python = await step("Jupyter's own clients, in a private Python environment", () =>
  ensurePythonEnv(testPackages),
);
if (!python) fail("Jupyter's conformance suite needs Python", "install Python 3.9 or newer with venv");
const dataDir = mkdtempSync(path.join(os.tmpdir(), "pepnet-conformance-"));
const { installKernel } = createRequire(import.meta.url)("../dist/kernel/install.js");
await installKernel({ dataDir });
process.exitCode = await run(python, [path.join(root, "test/kernel/conformance.py")], {
  env: { ...jupyterEnvironment(dataDir), PYTHONWARNINGS: "ignore" },
});
rmSync(dataDir, { recursive: true, force: true });
