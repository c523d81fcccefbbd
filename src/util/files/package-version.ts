/** Folders and versions of installed packages. */
import { createRequire } from "node:module";
import path from "node:path";
import { readSmallFile } from "./small-file.js";

/**
 * The version of a package as resolved from a folder; `null` if it is not installed. Searches the folders that Node
 * would search, since a package may not export its package.json.
 */
export function packageVersionIn(folder: string, name: string): string | null {
  return findPackage(folder, name)?.version ?? null;
}

/** The folder of a package as resolved from a folder; `null` if it is not installed. */
export function packageFolderIn(folder: string, name: string): string | null {
  return findPackage(folder, name)?.folder ?? null;
}

function findPackage(folder: string, name: string): { readonly folder: string; readonly version: string } | null {
  const places = createRequire(path.join(folder, "noop.js")).resolve.paths(name) ?? [];
  for (const place of places) {
    const manifest = readSmallFile(path.join(place, name, "package.json"));
    const version = manifest === null ? null : readVersion(manifest);
    if (version !== null) return { folder: path.join(place, name), version };
  }
  return null;
}

function readVersion(manifest: string): string | null {
  try {
    const { version } = JSON.parse(manifest) as { version?: unknown };
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}
