/** The private Python environment (scripts/python-env.mjs) and a Jupyter data folder with the kernel, for tests. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { installKernel } from "../../src/kernel/index.js";
import { papermillFolder } from "../../src/kernel/install/files.js";
import { packageRoot } from "../../src/kernel/paths.js";
import { emptyFolder } from "./notebook-files.js";

const own = path.join(packageRoot, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** The Python that has Jupyter's clients, or null: then such tests are skipped. `npm test` makes it. */
export const python: string | null = process.env["PEPNET_PYTHON"] ?? (existsSync(own) ? own : null);

/** An environment in which Jupyter finds the kernel, and nothing of the user's. */
export async function jupyterEnvironment(): Promise<NodeJS.ProcessEnv> {
  const dataDir = emptyFolder();
  await installKernel({ dataDir });
  return {
    ...process.env,
    JUPYTER_PATH: dataDir,
    JUPYTER_DATA_DIR: path.join(dataDir, "data"),
    JUPYTER_CONFIG_DIR: path.join(dataDir, "config"),
    JUPYTER_RUNTIME_DIR: path.join(dataDir, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: path.join(dataDir, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: path.join(dataDir, "workspaces"),
    IPYTHONDIR: path.join(dataDir, "ipython"),
    PYTHONPATH: path.join(dataDir, papermillFolder),
    PYTHONWARNINGS: "ignore",
  };
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
