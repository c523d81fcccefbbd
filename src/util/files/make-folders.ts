/** Makes folders. */
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

/** Like `mkdir` with `recursive`, which never returns for a folder below `/proc`. Throws errors of the file system. */
export async function makeFolders(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !(await isFolder(at)) && at !== path.dirname(at); at = path.dirname(at)) {
    missing.unshift(at);
  }
  for (const each of missing) {
    await mkdir(each).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" || !(await isFolder(each))) throw error;
    });
  }
}

async function isFolder(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isDirectory() ?? false;
}
