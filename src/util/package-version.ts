/** Versions of installed packages. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * The version of a package as seen from a folder; `null` where it is not installed. By the folders that Node would look
 * in, since a package may hide its package.json.
 */
export function packageVersionIn(folder: string, name: string): string | null {
  const places = createRequire(path.join(folder, "noop.js")).resolve.paths(name) ?? [];
  for (const place of places) {
    try {
      return JSON.parse(readFileSync(path.join(place, name, "package.json"), "utf8")).version as string;
    } catch {
      // not there: the next one
    }
  }
  return null;
}
