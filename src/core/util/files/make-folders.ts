/** Creates folders, and records which of them are new. */
import { mkdirSync, statSync } from "node:fs";
import path from "node:path";

/** Like recursive `mkdirSync`, which never returns below `/proc`. Returns the first folder that it created, if any. */
export function makeFolders(folder: string): string | undefined {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !isFolder(at) && at !== path.dirname(at); at = path.dirname(at))
    missing.unshift(at);
  return missing.filter(makeFolder)[0];
}

/** Creates a folder; returns `false` if another process was faster. */
function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isFolder(folder)) throw error;
    return false;
  }
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
