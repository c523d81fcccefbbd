/**
 * Reads small text files from untrusted folders.
 */
import { readFileSync, statSync } from "node:fs";

/** Enough for a manifest or a list of names. */
const megabyte = 2 ** 20;

/** The text of a regular file; `null` if it cannot be read. Skips pipes and devices, which may never end. */
export function readSmallFile(file: string, mostBytes: number = megabyte): string | null {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= mostBytes ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}
