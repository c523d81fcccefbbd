/** JupyterLab in a project's own Python environment, with the kernel. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";

const pythons = ["python3", "python"];
const usable = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 9) else 1)";

/** The command of a Python that can make environments. Throws a NotebookError without Python 3.9. */
export function findPython(): string {
  const python = pythons.find((name) => spawnSync(name, ["-c", usable], { stdio: "ignore" }).status === 0);
  if (python !== undefined) return python;
  throw new NotebookError({
    path: "--jupyter",
    message: "no Python 3.9 or newer with its venv module was found",
    expected: "python3 or python on the PATH",
    fix: "install it (python.org; on Debian and Ubuntu: apt install python3-venv), or leave --jupyter out",
  });
}

/** Makes `.venv` with JupyterLab, and installs the kernel there. Throws a NotebookError if Python cannot. */
export async function installJupyter(project: string, python: string): Promise<void> {
  const environment = path.join(project, ".venv");
  run(python, ["-m", "venv", environment]);
  const inside = environmentCommand(environment, "python");
  run(inside, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "jupyterlab>=4.4,<5"]);
  const { installKernel } = await import("../../kernel/index.js");
  await installKernel({ prefix: environment });
}

/** A command of a Python environment. @param platform another system, in tests */
export function environmentCommand(
  environment: string,
  name: string,
  platform: NodeJS.Platform = process.platform,
): string {
  return platform === "win32"
    ? path.win32.join(environment, "Scripts", `${name}.exe`)
    : path.posix.join(environment, "bin", name);
}

function run(command: string, words: readonly string[]): void {
  const { status, error } = spawnSync(command, words, { stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  throw new NotebookError({
    path: "--jupyter",
    message: `${command} ${words.slice(0, 3).join(" ")} failed`,
    received: error?.message ?? `exit code ${status}`,
    expected: "a Python environment with JupyterLab",
    fix: "read the message above and check the connection to the Python package index; the project is complete without JupyterLab, and its README.md says how to add it",
  });
}
