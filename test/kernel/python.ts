/** The private Python environment (scripts/python-env.mjs) and a Jupyter data folder with the kernel, for tests. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { jupyterEnvironment, pythonPath } from "../../scripts/python-env.mjs";
import { installKernel } from "../../src/kernel/install.js";
import { emptyFolder } from "./notebook/notebook-files.js";

/** The Python that has Jupyter's clients, or null: then such tests are skipped. `npm test` makes it. */
export const python: string | null = process.env["PEPNET_PYTHON"] ?? (existsSync(pythonPath) ? pythonPath : null);

/** An environment in which Jupyter finds the kernel, and nothing of the user's. */
export async function environmentWithKernel(): Promise<NodeJS.ProcessEnv> {
  const dataDir = emptyFolder();
  await installKernel({ dataDir });
  return { ...jupyterEnvironment(dataDir), PYTHONWARNINGS: "ignore" };
}

/** Runs Python and gives its exit code and all it printed. */
export function runPython(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ code: number | null; printed: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(python as string, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        printed += String(data);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, printed: stripVTControlCharacters(printed) }));
  });
}
