/** Versions, the commit of the git repository, and the machine that a notebook runs in. */
import { keyPackages, machine } from "../../port/index.js";
import { packageVersionIn } from "../../util/files/package-version.js";
import { packageRoot, packageVersion } from "../paths.js";
import type { Surroundings } from "./record.js";
import { readRepository } from "./repository.js";

/** Users' own, found from the notebook. */
const usersPackages = ["danfojs-node"];

/** Of a notebook in `folder`. Only files are read: no program is run. */
export function surroundings(folder: string): Surroundings {
  const commit = readRepository(folder)?.commit ?? null;
  return { versions: versions(folder), machine: machine(), ...(commit === null ? {} : { git: { commit } }) };
}

function versions(folder: string): Record<string, string> {
  const found: Record<string, string> = {
    pepnet: packageVersion(),
    node: process.versions.node,
    // The kernel's own, not the one that this package is compiled with.
    typescript: packageVersionIn(packageRoot, "@tslab/typescript-for-tslab") ?? "unknown",
  };
  for (const [from, names] of [
    [packageRoot, keyPackages],
    [folder, usersPackages],
  ] as const) {
    for (const name of names) {
      const version = packageVersionIn(from, name);
      if (version !== null) found[name] = version;
    }
  }
  return found;
}
