/** The files of an installation: the kernelspec, the Plotly extension with plotly.js, papermill's translator. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { specText } from "../kernelspec.js";
import { packageRoot } from "../paths.js";
import { papermillFolder } from "./papermill.js";

/** Contents by path below the Jupyter data folder, with `/`. */
export type InstallFiles = ReadonlyMap<string, string | Uint8Array>;

const extensionFolder = "labextensions/pepnet-plotly";

/** The files of a kernel called `name`. */
export async function installFiles(name: string): Promise<Map<string, string | Uint8Array>> {
  const assets = path.join(packageRoot, "src", "kernel", "assets");
  return new Map<string, string | Uint8Array>([
    [`kernels/${name}/kernel.json`, specText({})],
    [`kernels/${name}/logo-svg.svg`, await readFile(path.join(assets, "logo-svg.svg"))],
    ...(await filesBelow(path.join(assets, "labextension"), extensionFolder)),
    [`${extensionFolder}/static/plotly.min.js`, await readFile(require.resolve("plotly.js-dist-min"))],
    ...(await filesBelow(path.join(assets, "papermill"), papermillFolder)),
  ]);
}

async function filesBelow(folder: string, target: string): Promise<[string, Uint8Array][]> {
  const entries: [string, Uint8Array][] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [from, to] = [path.join(folder, entry.name), `${target}/${entry.name}`];
    if (entry.isDirectory()) entries.push(...(await filesBelow(from, to)));
    else entries.push([to, await readFile(from)]);
  }
  return entries;
}
