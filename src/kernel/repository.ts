/** Reads a folder's git repository without git: its configuration can name programs, which opening must not run. */
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { foldersAbove } from "../core/util/files/package-root.js";
import { readSmallFile } from "../core/util/files/package-version.js";

/** Packed refs of the largest repositories are some tens of megabytes. */
const mostBytes = 64 * 2 ** 20;
const mostLinks = 5;
const hash = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function readRepository(folder: string): { readonly root: string; readonly commit: string | null } | null {
  for (const root of foldersAbove(path.resolve(folder))) {
    const gitFolder = findGitFolder(root);
    if (gitFolder !== null) return { root, commit: readCommit(gitFolder) };
  }
  return null;
}

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

const patienceMs = 3_000;

/** Settings that name programs or make git fetch; values on the command line override the repository's. */
const settings: readonly string[] = [
  "core.fsmonitor=",
  `core.hooksPath=${process.platform === "win32" ? "NUL" : "/dev/null"}`,
  "core.untrackedCache=false",
  "protocol.allow=never",
  "status.submoduleSummary=false",
];

/** Variables that would make git look elsewhere than in the folder's repository. */
const elsewhere = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];

/** Whether tracked files differ from the commit; null without git, if untrusted, or with filters that git would run. */
export async function hasChanges(root: string): Promise<boolean | null> {
  const program = findGit(root);
  if (program === null) return null;
  const git = (...args: string[]): Promise<Answer> => run(program, root, args);
  const filters = await git("config", "--null", "--show-scope", "--get-regexp", String.raw`^filter\.`);
  // 1: no such setting
  const isKnown = filters.code === 1 || (filters.code === 0 && !/(?:^|\0)(?:local|worktree)\0/.test(filters.printed));
  if (!isKnown) return null;
  const status = await git("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all");
  return status.code === 0 ? status.printed.trim() !== "" : null;
}

function findGit(root: string): string | null {
  const name = process.platform === "win32" ? "git.exe" : "git";
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder) || isInside(folder, root)) continue;
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not in this folder
    }
  }
  return null;
}

function isInside(folder: string, root: string): boolean {
  const relative = path.relative(root, folder);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

interface Answer {
  readonly code: number | null;
  readonly printed: string;
}

function run(program: string, cwd: string, args: readonly string[]): Promise<Answer> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "",
  };
  for (const name of elsewhere) delete env[name];
  const argv = [...settings.flatMap((setting) => ["-c", setting]), ...args];
  return new Promise((resolve) => {
    execFile(program, argv, { cwd, env, timeout: patienceMs, maxBuffer: 64 * 2 ** 20 }, (error, printed) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : null, printed });
    });
  });
}
