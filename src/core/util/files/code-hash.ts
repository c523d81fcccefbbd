/** A hash of code and of the packages that it uses, for the names of its results. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { packageVersionIn, slashPath } from "./package-version.js";

/** @param folders of the code, below `root` @param packages whose versions count */
export function hashOfCode(root: string, folders: readonly string[], packages: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const file of readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).sort()) {
      if (/(?<!\.d)\.(js|ts)$/.test(file))
        hash.update(`${slashPath(path.join(folder, file))}\0`).update(readFileSync(path.join(root, folder, file)));
    }
  }
  for (const name of packages) hash.update(`${name} ${packageVersionIn(root, name)}\0`);
  return hash.digest("hex");
}
