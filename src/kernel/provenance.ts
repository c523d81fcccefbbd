/** The record of a run for reproducing it; contains no host or user names and no paths outside the repository. */
import { keyPackages, type Machine, machine } from "../port/index.js";
import { packageVersionIn } from "../util/files/package-version.js";
import { packageRoot, packageVersion } from "./kernelspec.js";
import { readRepository } from "./repository.js";

export interface GitState {
  readonly commit: string;
  /** Whether tracked files differed from it; missing if unchecked or unknown. */
  readonly dirty?: boolean;
}

export interface Surroundings {
  readonly versions: Readonly<Record<string, string>>;
  readonly git?: GitState;
  readonly machine: Machine;
}

export interface DataRecord {
  readonly name: string;
  /** Missing on an output that was shown before a large file was fully read. */
  readonly sha256?: string;
  readonly bytes?: number;
  readonly rows?: number;
}

export interface Used {
  readonly seeds: readonly { readonly use: string; readonly seed: number }[];
  readonly data: readonly DataRecord[];
}

/** The whole record: `metadata.pepnet` of a notebook executed by `pepnet notebook run`. */
export interface Provenance extends Surroundings, Used {}

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
