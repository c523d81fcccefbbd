import { totalmem } from "node:os";

/** The memory available in bytes: the machine's, or the container's limit. */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
