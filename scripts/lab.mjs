// `npm run lab`: JupyterLab with the project's kernel and its Plotly extension, all inside the project's folder: a
// Python environment in .venv, the kernel in .jupyter. The user's own Jupyter is neither read nor changed.
// Arguments go to JupyterLab: `npm run lab -- --no-browser --port 9000`.
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { ensurePythonEnv, jupyterEnvironment, labPackages, noPython } from "./python-env.mjs";
import { fail, root, run, setUp, step } from "./setup.mjs";

async function main() {
  await setUp();
  const python = await step("JupyterLab in a private Python environment (the first time: about 250 MB)", () => {
    try {
      return ensurePythonEnv(labPackages);
    } catch (error) {
      return fail("JupyterLab could not be installed", error.message);
    }
  });
  if (python === null) fail("no usable Python was found", `npm run lab ${noPython}; npm start does not need Python`);
  const { installKernel } = await import("../dist/kernel/install.js");
  const jupyter = path.join(root, ".jupyter");
  await step("The kernel and its Plotly extension", () => installKernel({ dataDir: jupyter }));
  mkdirSync(path.join(root, "notebooks"), { recursive: true });
  const first = existsSync(path.join(root, "notebooks/quickstart.ipynb"))
    ? "/lab/tree/notebooks/quickstart.ipynb"
    : "/lab";
  const flags = [
    `--ServerApp.root_dir=${root}`,
    `--LabApp.default_url=${first}`,
    "--MultiKernelManager.default_kernel_name=pepnet",
    ...asRoot(),
  ];
  console.log("\nStarting JupyterLab; its address is below. Press Ctrl-C twice to stop it.\n");
  const program = path.join(root, "scripts/start-lab.py");
  process.exitCode = await run(python, [program, ...flags, ...process.argv.slice(2)], {
    env: jupyterEnvironment(jupyter),
  });
}

/** JupyterLab refuses to run as root, the user of most containers, without this option. */
function asRoot() {
  return process.getuid?.() === 0 ? ["--allow-root"] : [];
}

await main();
