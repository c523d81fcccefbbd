/**
 * Reads the git repository of a folder from its files. No program is run: a repository's configuration can name
 * programs that git runs (monitors, hooks, filters), and opening a notebook must not run programs from an untrusted
 * folder.
 */
import path from "node:path";
import { readSmallFile } from "../../util/files/small-file.js";

/** A repository, read from its files. */
export interface Repository {
  /** The top folder of the working tree. */
  readonly root: string;
  /** The checked-out commit; null if missing or unreadable. */
  readonly commit: string | null;
}

/** Packed refs of the largest repositories are some tens of megabytes. */
const mostBytes = 64 * 2 ** 20;
const mostLinks = 5;
const hash = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The nearest repository at or above a folder, or null. */
export function readRepository(folder: string): Repository | null {
  let root = path.resolve(folder);
  while (true) {
    const gitFolder = findGitFolder(root);
    if (gitFolder !== null) return { root, commit: readCommit(gitFolder) };
    const parent = path.dirname(root);
    if (parent === root) return null;
    root = parent;
  }
}

/** The `.git` folder, or the folder named in the `.git` file of a worktree or submodule. */
function findGitFolder(root: string): string | null {
  const dotGit = path.join(root, ".git");
  const named = /^gitdir: (.+)/.exec(readText(dotGit) ?? "")?.[1]?.trimEnd();
  if (named !== undefined && !isLocal(named)) return null;
  const folder = named === undefined ? dotGit : path.resolve(root, named);
  return readText(path.join(folder, "HEAD")) === null ? null : folder;
}

/** A path such as `//host/share` would make Windows connect to that host. */
function isLocal(file: string): boolean {
  return !/^[\\/]{2}/.test(file);
}

function readCommit(gitFolder: string): string | null {
  const common = readText(path.join(gitFolder, "commondir"))?.trim();
  if (common !== undefined && !isLocal(common)) return null;
  const shared = common === undefined ? gitFolder : path.resolve(gitFolder, common);
  let content = readText(path.join(gitFolder, "HEAD"));
  for (let link = 0; content !== null && link <= mostLinks; link++) {
    const text = content.trim();
    if (hash.test(text)) return text;
    const ref = /^ref: (refs\/.+)$/.exec(text)?.[1];
    if (ref === undefined || ref.split("/").includes("..")) return null;
    content =
      readText(path.join(gitFolder, ref)) ??
      readText(path.join(shared, ref)) ??
      packedRef(path.join(shared, "packed-refs"), ref);
  }
  return null;
}

function packedRef(file: string, ref: string): string | null {
  for (const line of (readText(file) ?? "").split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space > 0 && line.slice(space + 1) === ref) return line.slice(0, space);
  }
  return null;
}

function readText(file: string): string | null {
  return readSmallFile(file, mostBytes);
}
