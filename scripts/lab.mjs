// `npm run lab`: JupyterLab with the project's kernel and its Plotly extension, all inside the project's folder: a
// Python environment in .venv, the kernel in .jupyter. The user's own Jupyter is neither read nor changed.
// Arguments go to JupyterLab: `npm run lab -- --no-browser --port 9000`.
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { ensurePythonEnv, labPackages, noPython } from "./python-env.mjs";
import { fail, root, run, setUp, step } from "./setup.mjs";

/** The environment in which Jupyter sees the project's kernel only. */
export function labEnvironment() {
  const jupyter = path.join(root, ".jupyter");
  return {
    ...process.env,
    JUPYTER_PATH: jupyter,
    JUPYTER_DATA_DIR: path.join(jupyter, "data"),
    JUPYTER_CONFIG_DIR: path.join(jupyter, "config"),
    JUPYTER_RUNTIME_DIR: path.join(jupyter, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: path.join(jupyter, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: path.join(jupyter, "workspaces"),
    IPYTHONDIR: path.join(jupyter, "ipython"),
    PYTHONPATH: [path.join(jupyter, "pepnet", "papermill"), process.env.PYTHONPATH]
      .filter(Boolean)
      .join(path.delimiter),
  };
}

async function main() {
  await setUp();
  const python = await step("JupyterLab in a private Python environment (the first time: about 250 MB)", () => {
    try {
      return ensurePythonEnv(labPackages);
    } catch (error) {
      return fail("JupyterLab could not be installed", error.message);
    }
  });
  if (python === null) fail("no usable Python was found", `npm run lab ${noPython}; npm start needs none`);
  const { installKernel } = await import("../dist/kernel/index.js");
  await step("The kernel and its Plotly extension", () => installKernel({ dataDir: path.join(root, ".jupyter") }));
  mkdirSync(path.join(root, "notebooks"), { recursive: true });
  const first = existsSync(path.join(root, "notebooks/quickstart.ipynb"))
    ? "/lab/tree/notebooks/quickstart.ipynb"
    : "/lab";
  const flags = [`--ServerApp.root_dir=${root}`, `--LabApp.default_url=${first}`, "--LabApp.news_url=", ...asRoot()];
  console.log("\nJupyterLab starts; its address is below. Ctrl-C twice ends it.\n");
  process.exitCode = await run(python, ["-m", "jupyterlab", ...flags, ...process.argv.slice(2)], {
    env: labEnvironment(),
  });
}

/** JupyterLab refuses to run as root, as it is in a container, unless it is told. */
function asRoot() {
  return process.getuid?.() === 0 ? ["--allow-root"] : [];
}

if (process.argv[1] && path.resolve(process.argv[1]) === path.join(root, "scripts/lab.mjs")) await main();
