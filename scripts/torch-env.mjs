// The Python of `npm run bench -- --torch`: a private environment inside the project (.venv-bench) with PyTorch for the
// CPU and pyarrow, all from the Python package index. Apart from the tests' .venv, since it is large.
//
// On Linux the index's PyTorch is built with CUDA and asks for 2 GB of libraries that a CPU never calls. They are left
// out; since the loader wants them by name, one small library stands in for all of them, in which every function fails
// with "no device". Where it cannot be made (no C compiler), the whole of PyTorch's requirements are installed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findPython } from "./python-env.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, ".venv-bench");
const windows = process.platform === "win32";
const python = path.join(folder, windows ? "Scripts" : "bin", windows ? "python.exe" : "python");
const stamp = path.join(folder, "pepnet-packages.json");

const torch = "torch>=2.6,<3";
/** What PyTorch's CPU side imports, beside itself. */
const pure = ["filelock", "typing-extensions", "sympy", "networkx", "jinja2", "fsspec", "setuptools"];
const others = ["numpy", "pyarrow"];

/** What the first call downloads. */
export const torchDownload = "700 MB; 1.4 GB on disk";

/** The path of a Python that has torch and pyarrow: PEPNET_TORCH_PYTHON, or the private one, created if needed. */
export function ensureTorchPython() {
  const own = process.env.PEPNET_TORCH_PYTHON;
  if (own !== undefined) {
    const problem = failure(own);
    if (problem !== null) throw new Error(`PEPNET_TORCH_PYTHON (${own}) cannot be used:\n${problem}`);
    return own;
  }
  const packages = JSON.stringify([torch, ...pure, ...others]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === packages && failure(python) === null) return python;
  install();
  writeFileSync(stamp, packages);
  return python;
}

/** Whether the private environment or another Python is there already. */
export function hasTorchPython() {
  return process.env.PEPNET_TORCH_PYTHON !== undefined || existsSync(stamp);
}

function install() {
  const base = findPython();
  if (base === null) {
    throw new Error(
      "the PyTorch twin needs Python 3.9 or newer with its venv module\n" +
        "  → python.org; on Debian and Ubuntu: apt install python3-venv",
    );
  }
  rmSync(folder, { recursive: true, force: true });
  run(base, ["-m", "venv", folder], "could not create a Python environment");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
  run(python, [...pip, ...pure, ...others], "pip could not install PyTorch's companions");
  run(python, [...pip, "--no-deps", torch], "pip could not install PyTorch");
  if (failure(python) === null) return;
  spawnSync(python, [path.join(root, "scripts", "torch-without-cuda.py")], { stdio: ["ignore", 2, 2] });
  if (failure(python) === null) return;
  console.log("PyTorch does not start without CUDA's libraries here: installing them as well (2 GB more)");
  run(python, [...pip, torch], "pip could not install PyTorch with all its dependencies");
  const problem = failure(python);
  if (problem !== null) throw new Error(`PyTorch was installed but does not start:\n${problem}`);
}

/** The error when a Python loads the twin's packages and multiplies; null if it works. */
function failure(program) {
  const check = "import torch, numpy, pyarrow.parquet; assert (torch.ones(2, 2) @ torch.ones(2, 2)).sum() == 8";
  const { status, stderr, error } = spawnSync(program, ["-c", check], { encoding: "utf8" });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}

function run(command, args, what) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  throw new Error(
    `${what} (${error?.message ?? `exit code ${status}`})\n` +
      `  → read the message above; check the connection to the Python package index and 2 GB of free disk space; or set\n` +
      `    PEPNET_TORCH_PYTHON to a Python that has torch, numpy and pyarrow`,
  );
}
