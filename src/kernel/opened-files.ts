/** Records the files that a notebook's run opened, and the environment in which it ran. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { keyPackages, type Machine, machine } from "../core/port/installed.js";
import { checksumFile } from "../core/util/files/checksums.js";
import { packageRoot, packageVersion } from "../core/util/files/package-root.js";
import { packageVersionIn, slashPath } from "../core/util/files/package-version.js";
import { readRepository } from "./repository.js";

interface KnownFile {
  readonly bytes: number;
  readonly changed: number;
  sha256?: string;
  readonly hashed: Promise<void>;
}

export class OpenedFiles {
  readonly #files = new Map<string, KnownFile>();
  readonly #looking = new Map<string, Promise<void>>();

  open(file: string): void {
    const looking = this.#look(file).catch(() => {
      this.#files.delete(file); // already deleted
    });
    this.#looking.set(file, looking);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#looking.values());
    await Promise.all([...this.#files.values()].map(({ hashed }) => hashed));
  }

  records(files: readonly string[], nameOf: (file: string) => string): DataRecord[] {
    return files.flatMap((file) => {
      const record = this.#files.get(file);
      if (!record) return [];
      const { bytes, sha256 } = record;
      return [{ name: nameOf(file), bytes, sha256 }];
    });
  }

  async #look(file: string): Promise<void> {
    const { size, mtimeMs } = await stat(file);
    const before = this.#files.get(file);
    if (before?.bytes === size && before.changed === mtimeMs) return;
    const record: KnownFile = {
      bytes: size,
      changed: mtimeMs,
      hashed: checksumFile(file).then(
        (hash) => {
          if (hash !== null) record.sha256 = hash;
        },
        () => {}, // its name and size stay
      ),
    };
    this.#files.set(file, record);
  }
}

/** Relative to the notebook's folder, or only folder and name outside the repository. @param paths for tests */
export function shownPath(
  file: string,
  folder: string,
  repository: string | null,
  paths: path.PlatformPath = path,
): string {
  const fromHome = paths.relative(repository ?? folder, file);
  const inside = !fromHome.startsWith("..") && !paths.isAbsolute(fromHome); // another drive: absolute
  const relative = inside
    ? paths.relative(folder, file)
    : paths.join(paths.basename(paths.dirname(file)), paths.basename(file));
  return slashPath(relative, paths);
}

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
