/** Finds the package folder, both from the sources and from compiled files. */
import { existsSync } from "node:fs";
import path from "node:path";

/** The folder of this package's package.json. */
export const packageRoot: string = findPackageRoot(__dirname);

function findPackageRoot(from: string): string {
  let folder = from;
  while (!existsSync(path.join(folder, "package.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${from}`);
    folder = parent;
  }
  return folder;
}
