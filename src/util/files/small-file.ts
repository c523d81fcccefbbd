/** Small text files of folders that may be a stranger's. */
import { readFileSync, statSync } from "node:fs";

/** Enough for a manifest or a list of names. */
const megabyte = 2 ** 20;

/** The text of a regular file; `null` where there is none that can be read. A pipe or a device would never end. */
export function readSmallFile(file: string, mostBytes: number = megabyte): string | null {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}
