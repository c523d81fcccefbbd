/**
 * What an executed notebook ran with: versions, the state of its git repository, seeds, hashes of the data, the
 * machine. No name of a host or a person, and no path outside the notebook's repository.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { Trail } from "../../util/trail.js";
import { packageRoot, packageVersion } from "../paths.js";

/** Data that a run opened: a file, or a table that was in memory. */
export interface DataRecord {
  /** Of a file its path from the notebook's folder, or only its folder and name where it lies outside the repository. */
  readonly name: string;
  readonly sha256: string;
  /** Of a file. */
  readonly bytes?: number;
  /** Of a table in memory. */
  readonly rows?: number;
}

/** The notebook's `metadata.pepnet`. */
export interface Provenance {
  /** Of pepnet, Node and the packages whose numbers or pictures are in the outputs. */
  readonly versions: Readonly<Record<string, string>>;
  /** The commit the folder was at and whether files differed from it; missing outside a repository. */
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  /** What was drawn from which seed, in order. */
  readonly seeds: readonly { readonly use: string; readonly seed: number }[];
  readonly data: readonly DataRecord[];
  readonly machine: {
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
  };
}

/** Beside pepnet itself; those that are not installed are left out. */
const keyPackages = ["@tensorflow/tfjs", "onnxruntime-node", "@duckdb/node-api", "plotly.js-dist-min", "tslab"];
/** Users' own, found from the notebook. */
const usersPackages = ["danfojs-node"];

/** Gathers it for a notebook in `folder`, whose run left `trail`. */
export async function provenance(folder: string, trail: Trail | null): Promise<Provenance> {
  const root = await git(folder, "rev-parse", "--show-toplevel");
  const commit = await git(folder, "rev-parse", "HEAD");
  const changes = commit === null ? null : await git(folder, "status", "--porcelain", "--untracked-files=no");
  const files = await Promise.all((trail?.files ?? []).map((file) => fileRecord(file, folder, root)));
  return {
    versions: versions(folder),
    ...(commit === null ? {} : { git: { commit, dirty: changes !== "" } }),
    seeds: trail?.seeds ?? [],
    data: [...files.filter((record) => record !== null), ...(trail?.tables ?? [])],
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: os.cpus()[0]?.model.trim() ?? "unknown",
      cores: os.availableParallelism(),
      memoryGb: Math.round(os.totalmem() / 2 ** 30),
    },
  };
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

/** By the folders that Node would look in, since a package may hide its package.json. */
function packageVersionIn(folder: string, name: string): string | null {
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

/** Null for a file that is gone by the end of the run. */
async function fileRecord(file: string, folder: string, root: string | null): Promise<DataRecord | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
    return { name: shownPath(file, folder, root), bytes: (await stat(file)).size, sha256: hash.digest("hex") };
  } catch {
    return null;
  }
}

function shownPath(file: string, folder: string, root: string | null): string {
  const home = root ?? folder;
  const inside = !path.relative(home, file).startsWith("..") && !path.isAbsolute(path.relative(home, file));
  const shown = inside
    ? path.relative(folder, file)
    : path.join(path.basename(path.dirname(file)), path.basename(file));
  return shown.split(path.sep).join("/");
}

function git(cwd: string, ...args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("git", args, { cwd, timeout: 3_000 }, (error, stdout) => resolve(error ? null : stdout.trim()));
  });
}
