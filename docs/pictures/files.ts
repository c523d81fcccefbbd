/** Files of the repository, from where the pictures are compiled to (node_modules/.cache) and from their sources alike. */
import { existsSync } from "node:fs";
import path from "node:path";

/** A file of the repository. */
export function projectFile(...parts: readonly string[]): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, "package-lock.json"))) folder = path.dirname(folder);
  return path.join(folder, ...parts);
}
