/** One training a folder: a file that names the process, touched while it lives. */
import { mkdir, open, readFile, rm, rmdir, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";

/** A lock that is held. */
export interface FolderLock {
  free(): Promise<void>;
}

/** The lock's name in its folder. */
export const lockFile = "training.lock";

const touchMillis = 20_000;
/** A lock that was not touched for so long is of a process that is gone: its machine may be another one. */
const staleMillis = 6 * touchMillis;
/** Between making the file and writing into it. */
const startMillis = 5_000;

/**
 * Locks a folder, making it where it is missing; freed again, a folder that holds nothing else is removed.
 *
 * @param shown how the folder is named in errors
 * @throws CheckpointError where another process that lives holds it, or where it cannot be written.
 */
export async function lockFolder(folder: string, shown: string): Promise<FolderLock> {
  const file = path.join(folder, lockFile);
  try {
    const made = await mkdir(folder, { recursive: true });
    for (let attempt = 0; !(await taken(file)); attempt++) {
      const owner = await liveOwner(file);
      if (owner !== null || attempt === 5) throw held(shown, file, owner);
      await rm(file, { force: true });
    }
    const touch = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), touchMillis);
    touch.unref();
    return {
      async free() {
        clearInterval(touch);
        await rm(file, { force: true });
        if (made !== undefined) await removeEmpty(folder, made);
      },
    };
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw new CheckpointError(
      {
        path: shown,
        message: "cannot write in this folder; nothing was trained",
        received: (cause as Error).message,
        fix: "choose a folder that may be written to",
      },
      { cause },
    );
  }
}

async function taken(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    const owner = JSON.stringify({ pid: process.pid, host: hostname() });
    try {
      await handle.writeFile(owner).finally(() => handle.close());
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Who holds the lock, as text; `null` where nobody does any more. */
async function liveOwner(file: string): Promise<string | null> {
  try {
    const idle = Date.now() - (await stat(file)).mtimeMs;
    const text = await readFile(file, "utf8");
    if (idle > staleMillis) return null;
    if (text === "") return idle > startMillis ? null : "a process that has just begun";
    const { pid, host } = JSON.parse(text) as { pid: number; host: string };
    if (host !== hostname()) return `process ${pid} on ${host}`;
    return lives(pid) ? `process ${pid}` : null;
  } catch {
    return null; // gone meanwhile, or not a lock
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function held(folder: string, file: string, owner: string | null): CheckpointError {
  return new CheckpointError({
    path: folder,
    message: "another training writes into this folder; nothing was trained",
    received: owner ?? "a lock that cannot be taken",
    expected: "a folder of one training at a time",
    fix: `wait for it, choose another folder, or remove ${file} where no such training runs`,
  });
}

/** Removes a folder and those above it up to `made`, as far as they are empty. */
async function removeEmpty(folder: string, made: string): Promise<void> {
  for (let place = folder; place.startsWith(made); place = path.dirname(place)) {
    const removed = await rmdir(place).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
