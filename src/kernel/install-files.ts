import { existsSync, readdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { slashPath } from "../util/files/slash-path.js";
import { packageRoot, specText } from "./kernelspec.js";

export type InstallFiles = ReadonlyMap<string, string | Uint8Array>;

const extensionFolder = "labextensions/pepnet-plotly";

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

/**
 * Lets the papermill of a Python environment find its translator: a `.pth` file in the environment's site-packages adds
 * the translator's folder to Python's path. Without one, the folder must be on PYTHONPATH.
 */

export const papermillFolder = "pepnet/papermill";

const linkName = "pepnet-papermill.pth";

export function translatorLinks(prefix: string, dataFolder: string): Map<string, string> {
  const target = path.join(dataFolder, papermillFolder);
  return new Map(
    packageFolders(prefix).map((folder) => {
      // Relative, so that an environment that was moved still works.
      const line = slashPath(path.relative(folder, target));
      return [path.join(folder, linkName), `${line}\n`];
    }),
  );
}

export function hasPapermill(prefix: string): boolean {
  return packageFolders(prefix).some((folder) => existsSync(path.join(folder, "papermill")));
}

export function findsTranslator(prefix: string): boolean {
  const listed = (process.env["PYTHONPATH"] ?? "").split(path.delimiter);
  if (listed.some((folder) => existsSync(path.join(folder, "pepnet_papermill.py")))) return true;
  return packageFolders(prefix).some((folder) => existsSync(path.join(folder, linkName)));
}

function packageFolders(prefix: string): string[] {
  const library = path.join(prefix, "lib");
  const versions = existsSync(library) ? readdirSync(library).filter((name) => /^python3\.\d+$/.test(name)) : [];
  const candidates = [
    ...versions.map((version) => path.join(library, version, "site-packages")),
    path.join(prefix, "Lib", "site-packages"), // Windows
  ];
  return candidates.filter((folder) => existsSync(folder));
}
