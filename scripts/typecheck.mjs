// `npm run typecheck`: checks the types of the sources, which compiles them, and of every folder with a tsconfig.json.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { compiler, root, run, setUp, step } from "./setup.mjs";

await setUp();
for (const folder of projects()) {
  const code = await step(`Types of ${folder}`, () => run(process.execPath, [compiler, "-p", folder, "--noEmit"]));
  if (code !== 0) process.exitCode = 1;
}

/** Folders with a project of their own, at most two levels down. */
function projects() {
  const visible = (folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|out$)/.test(entry.name))
      .map((entry) => path.join(folder, entry.name));
  const folders = visible("").flatMap((folder) => [folder, ...visible(folder)]);
  return folders.filter((folder) => existsSync(path.join(root, folder, "tsconfig.json")));
}
