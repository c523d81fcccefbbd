import { existsSync } from "node:fs";
import path from "node:path";

export const packageRoot: string = findPackageRoot(__dirname);

function findPackageRoot(from: string): string {
  const root = foldersAbove(from).find((folder) => existsSync(path.join(folder, "package.json")));
  if (root === undefined) throw new Error(`no package.json above ${from}`);
  return root;
}

/** A folder and those that contain it, the innermost first. */
export function foldersAbove(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
