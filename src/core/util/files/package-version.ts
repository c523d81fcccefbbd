/** The versions and folders of other installed packages. */
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { attempt } from "../attempt.js";

const megabyte = 2 ** 20;

/** The text of a regular file; `null` if it cannot be read. Skips pipes and devices, which may never end. */
export function readSmallFile(file: string, mostBytes: number = megabyte): string | null {
  return attempt(() => {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(file, "utf8") : null;
  }, null);
}

/** The version of a package as Node finds it from a folder; `null`: not installed. It may not export its manifest. */
export function packageVersionIn(folder: string, name: string): string | null {
  return findPackage(folder, name)?.version ?? null;
}

export function packageFolderIn(folder: string, name: string): string | null {
  return findPackage(folder, name)?.folder ?? null;
}

function findPackage(folder: string, name: string): { readonly folder: string; readonly version: string } | null {
  for (const place of createRequire(path.join(folder, "noop.js")).resolve.paths(name) ?? []) {
    const manifest = readSmallFile(path.join(place, name, "package.json"));
    const version: unknown = attempt(() => JSON.parse(manifest ?? "").version, null);
    if (typeof version === "string") return { folder: path.join(place, name), version };
  }
  return null;
}

/** The path with `/` between folders, which every system reads. @param paths the rules of another system, in tests */
export function slashPath(file: string, paths: path.PlatformPath = path): string {
  return file.replaceAll(paths.sep, "/");
}
