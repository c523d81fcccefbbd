/** What an executed notebook ran with: versions, the state of its git repository, the machine. */
import { execFile } from "node:child_process";
import os from "node:os";
import { packageVersion } from "../paths.js";

/** The notebook's `metadata.pepnet`. */
export interface Provenance {
  readonly versions: Readonly<Record<string, string>>;
  /** The commit the folder was at and whether files differed from it; missing outside a repository. */
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  readonly machine: {
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
  };
}

/** Gathers it for a notebook in `folder`. */
export async function provenance(folder: string): Promise<Provenance> {
  const commit = await git(folder, "rev-parse", "HEAD");
  const changes = commit === null ? null : await git(folder, "status", "--porcelain", "--untracked-files=no");
  return {
    versions: { pepnet: packageVersion(), node: process.versions.node, typescript: "5.0.4" },
    ...(commit === null ? {} : { git: { commit, dirty: changes !== "" } }),
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: os.cpus()[0]?.model ?? "unknown",
      cores: os.availableParallelism(),
      memoryGb: Math.round(os.totalmem() / 2 ** 30),
    },
  };
}

function git(cwd: string, ...args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("git", args, { cwd, timeout: 3_000 }, (error, stdout) => resolve(error ? null : stdout.trim()));
  });
}
