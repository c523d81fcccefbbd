/** The machine: its memory, and whether a process runs on it. */
import { totalmem } from "node:os";

/** The memory available in bytes: the machine's, or the container's limit. */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Whether a process with this number runs on this system. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
