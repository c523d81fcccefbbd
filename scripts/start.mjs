// `npm start`: from a fresh clone to a trained PEPNet in an executed notebook, with what to do next.
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

console.log("pepnet: from here to a trained PEPNet in a notebook\n");
await setUp("run");

const code = await run(process.execPath, [
  path.join(root, "dist/kernel/cli/main.js"),
  "notebook",
  "run",
  path.join(root, "notebooks/quickstart.ipynb"),
  "--out",
  path.join(root, "out/quickstart.ipynb"),
  "--html",
  path.join(root, "out/quickstart.html"),
]);
if (code === 0) {
  console.log(`
What next
  npm run lab     JupyterLab with this kernel, in a private Python environment; open quickstart.ipynb and change a gamma
  npm test        tests of every capability, in minutes
  README.md       a ten-line model, your data, TorchEasyRec configs`);
}
process.exitCode = code;
