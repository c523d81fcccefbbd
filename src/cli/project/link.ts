/** Links a new project to the pepnet that made it, so that it works before `npm install`. */
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { packageRoot } from "../../util/files/package-root.js";
import { packageFolderIn } from "../../util/files/package-version.js";
import { slashPath } from "../../util/files/slash-path.js";

/** What package.json depends on: a version, or the folder of a clone, which no registry has. */
export function dependency(version: string): string {
  return isInstalled() ? `^${version}` : `file:${slashPath(packageRoot)}`;
}

/** Makes `node_modules/pepnet` and the command `npx pepnet`. `npm install` replaces both. */
export async function linkPackage(project: string): Promise<void> {
  const modules = path.join(project, "node_modules");
  const commands = path.join(modules, ".bin");
  await mkdir(commands, { recursive: true });
  await symlink(packageRoot, path.join(modules, "pepnet"), "junction"); // a junction needs no rights on Windows
  const types = packageFolderIn(packageRoot, "@types/node");
  await mkdir(path.join(modules, "@types"));
  if (types !== null) await symlink(types, path.join(modules, "@types", "node"), "junction");
  const main = path.join(packageRoot, "dist", "cli", "main.js");
  const shell = path.join(commands, "pepnet");
  await writeFile(shell, `#!/bin/sh\nexec node '${main.replaceAll("'", "'\\''")}' "$@"\n`);
  await chmod(shell, 0o755);
  await writeFile(path.join(commands, "pepnet.cmd"), `@node "${main}" %*\r\n`);
}

function isInstalled(): boolean {
  return packageRoot.split(path.sep).includes("node_modules");
}
