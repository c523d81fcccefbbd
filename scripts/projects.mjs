// The TypeScript projects next to the sources: every folder with a tsconfig.json, at most two levels down.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** Their folders, relative to the project: `test`, `bench`, `docs/pictures` … */
export function projects() {
  const visible = (folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|out$)/.test(entry.name))
      .map((entry) => path.join(folder, entry.name));
  const folders = visible("").flatMap((folder) => [folder, ...visible(folder)]);
  return folders.filter((folder) => existsSync(path.join(root, folder, "tsconfig.json")));
}
