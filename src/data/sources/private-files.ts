/**
 * Files for this process only: texts that were decoded, and results of queries. They are in a new folder of the
 * system's temporary directory that only this user can enter. A file is removed when its owner is garbage-collected,
 * the folder when the process exits; a folder of a killed process is removed by a later one.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import path from "node:path";
import { beginUnfinished, isPassing } from "../../util/atomic/unfinished.js";

const base = "pepnet-files";
const ownerFile = "process";
/** A folder of another machine or container is removed after this time: its process cannot be asked from here. */
const leftMillis = 24 * 60 * 60 * 1000;

let folder: string | null = null;
let files = 0;

/** The path of a new file. @param extension such as `.parquet` */
export function privateFile(extension: string): string {
  return path.join(privateFilesFolder(), `${++files}${extension}`);
}

/** The folder of this process's files, where DuckDB may also spill. Throws file system errors. */
export function privateFilesFolder(): string {
  if (folder !== null) return folder;
  removeLeftFolders();
  folder = beginUnfinished(path.join(tmpdir(), base));
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path.join(folder, ownerFile), JSON.stringify([hostname(), process.pid]), { mode: 0o600 });
  return folder;
}

const owners = new FinalizationRegistry<string>(removePrivateFile);

/** Removes a private file when `owner` is garbage-collected. */
export function removeWith(owner: object, file: string): void {
  owners.register(owner, file);
}

/** Removes a private file; a failure leaves it until the process exits. */
export function removePrivateFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder is removed at the end.
  }
}

function removeLeftFolders(): void {
  const uid = process.getuid?.() ?? userInfo().uid;
  for (const name of readdirSync(tmpdir()).filter((each) => isPassing(each, "unfinished", base))) {
    const left = path.join(tmpdir(), name);
    const stats = lstatSync(left, { throwIfNoEntry: false });
    if (!stats?.isDirectory() || stats.uid !== uid) continue;
    if (isLeft(left, Date.now() - stats.mtimeMs)) rmSync(left, { recursive: true, force: true });
  }
}

/** Whether the process of a folder is gone. */
function isLeft(left: string, age: number): boolean {
  try {
    const [host, pid] = JSON.parse(readFileSync(path.join(left, ownerFile), "utf8")) as [unknown, unknown];
    return host === hostname() ? !isRunning(Number(pid)) : age > leftMillis;
  } catch {
    return age > leftMillis;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
