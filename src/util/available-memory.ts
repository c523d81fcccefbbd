import { totalmem } from "node:os";

/** The machine's memory, or what a container may use of it, in bytes. */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
