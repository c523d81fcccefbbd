/** Versions, the commit of the git repository, and the machine that a notebook runs in. */
import { keyPackages, machine } from "../../port/index.js";
import { packageVersionIn } from "../../util/files/package-version.js";
import { packageRoot, packageVersion } from "../paths.js";
import type { Surroundings } from "./record.js";
import { readRepository } from "./repository.js";

/** The user's packages, resolved from the notebook. */
const usersPackages = ["danfojs-node"];

/** The environment of a notebook in `folder`. Reads files only; runs no program. */
export function surroundings(folder: string): Surroundings {
  const commit = readRepository(folder)?.commit ?? null;
  return { versions: versions(folder), machine: machine(), ...(commit === null ? {} : { git: { commit } }) };
}

function versions(folder: string): Record<string, string> {
  const versionsByName: Record<string, string> = {
    pepnet: packageVersion(),
    node: process.versions.node,
    // The kernel's TypeScript, not the one that compiles this package.
    typescript: packageVersionIn(packageRoot, "typescript") ?? "unknown",
  };
  for (const [from, names] of [
    [packageRoot, keyPackages],
    [folder, usersPackages],
  ] as const) {
    for (const name of names) {
      const version = packageVersionIn(from, name);
      if (version !== null) versionsByName[name] = version;
    }
  }
  return versionsByName;
}
