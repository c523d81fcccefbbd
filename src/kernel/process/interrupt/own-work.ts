/**
 * Marks the kernel's own synchronous work. An endless loop of the notebook's code is ended from outside, wherever it
 * stands; what is marked here is never ended, since the kernel would not survive it.
 */

let depth = 0;

/** Runs the kernel's own work. */
export function ownWork<T>(work: () => T): T {
  depth++;
  try {
    return work();
  } finally {
    depth--;
  }
}

/** Whether the kernel's own work is running. */
export function isOwnWork(): boolean {
  return depth > 0;
}
