/**
 * Lets the papermill of a Python environment find its translator: a `.pth` file in the environment's site-packages adds
 * the translator's folder to Python's path. Without one, the folder must be on PYTHONPATH.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { slashPath } from "../../util/files/slash-path.js";

/** The translator's folder below the data folder. */
export const papermillFolder = "pepnet/papermill";

const linkName = "pepnet-papermill.pth";

/** The `.pth` files that an environment needs, by absolute path; empty if the folder has no Python packages. */
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

/** Whether papermill is installed in an environment. */
export function hasPapermill(prefix: string): boolean {
  return packageFolders(prefix).some((folder) => existsSync(path.join(folder, "papermill")));
}

/** Whether a papermill of this environment, started from this shell, finds a translator. */
export function findsTranslator(prefix: string): boolean {
  const listed = (process.env["PYTHONPATH"] ?? "").split(path.delimiter);
  if (listed.some((folder) => existsSync(path.join(folder, "pepnet_papermill.py")))) return true;
  return packageFolders(prefix).some((folder) => existsSync(path.join(folder, linkName)));
}

/** The site-packages of a prefix, one for each version of Python. */
function packageFolders(prefix: string): string[] {
  const library = path.join(prefix, "lib");
  const versions = existsSync(library) ? readdirSync(library).filter((name) => /^python3\.\d+$/.test(name)) : [];
  const candidates = [
    ...versions.map((version) => path.join(library, version, "site-packages")),
    path.join(prefix, "Lib", "site-packages"), // Windows
  ];
  return candidates.filter((folder) => existsSync(folder));
}
