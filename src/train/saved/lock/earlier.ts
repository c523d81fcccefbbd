/**
 * The lock of earlier versions: a file with the process number, rewritten every 20 seconds.
 */
import { hostname } from "node:os";
import { CheckpointError } from "../../../errors/index.js";
import { fileProblem, isMissing, readText } from "../../../util/files/read-whole.js";

/** The content of such a lock. */
export interface EarlierOwner {
  readonly pid: number;
  readonly host: string;
}

/** @throws CheckpointError for a file of that name that is not a lock of this project; it is not removed */
export async function earlierOwner(file: string): Promise<EarlierOwner | null> {
  const text = await readText(file, "config").catch((cause: unknown) => {
    if (isMissing(cause)) return null;
    throw notALock(file, fileProblem(cause, "cannot be read").received);
  });
  if (text === null) return null;
  try {
    const { pid, host, ...rest } = JSON.parse(text) as EarlierOwner;
    if (typeof pid === "number" && typeof host === "string" && Object.keys(rest).length === 0) return { pid, host };
  } catch {
    // rejected below
  }
  throw notALock(file, text.slice(0, 40) || "an empty file");
}

function notALock(file: string, received: string): CheckpointError {
  return new CheckpointError({
    path: file,
    message: "pepnet did not write this lock; nothing was trained",
    received,
    fix: "move it elsewhere, or choose another folder",
  });
}

/** The number shows that a process has ended; a number in use may belong to another process by now. */
export function earlierLives(owner: EarlierOwner | null): boolean | null {
  if (owner === null || owner.pid === process.pid) return false;
  if (owner.host !== hostname()) return null;
  try {
    process.kill(owner.pid, 0);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? null : false;
  }
}
