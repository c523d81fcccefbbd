/** Versions, the state of the git repository, and the machine that a notebook runs in. */
import { execFile } from "node:child_process";
import { keyPackages, machine } from "../../util/installed.js";
import { packageVersionIn } from "../../util/package-version.js";
import { packageRoot, packageVersion } from "../paths.js";
import type { Surroundings } from "./record.js";

/** Users' own, found from the notebook. */
const usersPackages = ["danfojs-node"];

/** Of a notebook in `folder`. Git is asked for at most three seconds, and left out where it does not answer. */
export async function surroundings(folder: string): Promise<Surroundings> {
  const [commit, changes] = await Promise.all([
    git(folder, "rev-parse", "HEAD"),
    git(folder, "status", "--porcelain", "--untracked-files=no"),
  ]);
  const state = commit === null || changes === null ? {} : { git: { commit, dirty: changes !== "" } };
  return { ...versionsAndMachine(folder), ...state };
}

/** What needs no other program. */
export function versionsAndMachine(folder: string): Omit<Surroundings, "git"> {
  return {
    versions: versions(folder),
    machine: machine(),
  };
}

/** The top folder of the repository that `folder` is in, or null. */
export function repositoryOf(folder: string): Promise<string | null> {
  return git(folder, "rev-parse", "--show-toplevel");
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

function git(cwd: string, ...args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("git", args, { cwd, timeout: 3_000 }, (error, stdout) => resolve(error ? null : stdout.trim()));
  });
}
