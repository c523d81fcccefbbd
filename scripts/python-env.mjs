// A private Python environment inside the project (.venv), for JupyterLab and for the tests that use Jupyter's own
// clients. Nothing outside the project is touched. Plain JavaScript without packages: it runs on a fresh clone.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, ".venv");
const stamp = path.join(folder, "pepnet-packages.json");
const bin = path.join(folder, process.platform === "win32" ? "Scripts" : "bin");

/** Packages for `npm run lab`; the last two draw widgets. */
export const labPackages = [
  "jupyterlab>=4.4,<5",
  "jupyter_client>=8,<9",
  "jupyterlab_widgets>=3,<4",
  "anywidget>=0.9,<1",
];

/** What the tests need: JupyterLab, every client of Jupyter's that executes notebooks, and what runs exported models. */
export const testPackages = [
  ...labPackages,
  "nbclient>=0.10,<1",
  "nbconvert>=7.16,<8",
  "papermill>=2.6,<3",
  "notebook>=7.4,<8",
  "jupyter_kernel_test>=0.7,<1",
  "ipykernel>=6,<8",
  "onnxruntime>=1.19,<2",
  "numpy>=1.26,<3",
  "pandas>=2,<4", // docs/pandas.md
  "pyarrow>=15", // pandas reads and writes Parquet with it
  "tensorboard>=2.18,<3", // reads the event files of trainings
  "plotly>=6,<7", // 10 MB; its extension for JupyterLab draws figures, too
];

/** The path of the environment's `python`, which may not exist. */
export const pythonPath = path.join(bin, process.platform === "win32" ? "python.exe" : "python");

/** A Python of version 3.9 or newer on the PATH (or in PEPNET_BASE_PYTHON), or null. */
export function findPython() {
  const candidates = [process.env.PEPNET_BASE_PYTHON, "python3", "python"].filter(Boolean);
  const check = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 9) else 1)";
  return candidates.find((name) => spawnSync(name, ["-c", check], { stdio: "ignore" }).status === 0) ?? null;
}

/**
 * The path of a Python with `packages`, created or completed if needed, or null if this machine has no Python 3.9 with
 * `venv`. Throws if the packages cannot be installed.
 */
export function ensurePythonEnv(packages) {
  const have = installedPackages();
  const missing = packages.filter((name) => !have.includes(name));
  if (missing.length === 0) return pythonPath;
  if (!existsSync(pythonPath)) {
    const base = findPython();
    if (base === null) return null;
    rmSync(folder, { recursive: true, force: true });
    run(base, ["-m", "venv", folder], "could not create a Python environment");
  }
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
  run(pythonPath, [...pip, ...have, ...missing], "pip could not install its packages");
  mkdirSync(folder, { recursive: true });
  writeFileSync(stamp, JSON.stringify([...have, ...missing]));
  return pythonPath;
}

/**
 * The environment of a Jupyter that sees the kernel installed in `folder` and nothing of the user's: its settings,
 * workspaces and running servers are kept there as well, and papermill finds the kernel's translator.
 */
export function jupyterEnvironment(folder) {
  const below = (name) => path.join(folder, name);
  mkdirSync(path.join(below("config"), "labconfig"), { recursive: true });
  // Do not ask about news at the first start.
  const quiet = { disabledExtensions: { "@jupyterlab/apputils-extension:announcements": true } };
  writeFileSync(path.join(below("config"), "labconfig", "page_config.json"), JSON.stringify(quiet));
  // A saved notebook has the last state of its widgets.
  const settings = { "@jupyter-widgets/jupyterlab-manager:plugin": { saveState: true } };
  writeFileSync(path.join(below("config"), "labconfig", "default_setting_overrides.json"), JSON.stringify(settings));
  const pythonPaths = [path.join(folder, "pepnet", "papermill"), process.env.PYTHONPATH].filter(Boolean);
  return {
    ...process.env,
    JUPYTER_PATH: folder,
    JUPYTER_DATA_DIR: below("data"),
    JUPYTER_CONFIG_DIR: below("config"),
    JUPYTER_RUNTIME_DIR: below("runtime"),
    JUPYTERLAB_SETTINGS_DIR: below("settings"),
    JUPYTERLAB_WORKSPACES_DIR: below("workspaces"),
    IPYTHONDIR: below("ipython"),
    PYTHONPATH: pythonPaths.join(path.delimiter),
  };
}

/** The message for machines without a usable Python. */
export const noPython =
  "needs Python 3.9 or newer with its venv module (python.org, or on Debian and Ubuntu: apt install python3-venv)";

function installedPackages() {
  if (!existsSync(stamp) || !existsSync(pythonPath)) return [];
  // A folder that was moved, or whose base Python is gone, no longer starts, so it is created again.
  const check = "import importlib.util, sys; sys.exit(importlib.util.find_spec('jupyter_client') is None)";
  if (spawnSync(pythonPath, ["-c", check], { stdio: "ignore" }).status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return [];
  }
  return JSON.parse(readFileSync(stamp, "utf8"));
}

function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) {
    throw new Error(
      `${failure} (${error?.message ?? `exit code ${status}`}).\n` +
        `  → read the message above; check the connection to the Python package index; remove ${folder} and try again`,
    );
  }
}
