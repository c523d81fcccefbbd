/**
 * Marks the kernel's synchronous work. Endless loops in the notebook's code are terminated at any point; marked work is
 * never terminated, since the kernel would not survive it.
 */

let depth = 0;

export function ownWork<T>(work: () => T): T {
  depth++;
  try {
    return work();
  } finally {
    depth--;
  }
}

/** Forgets work that was terminated after all; call it from the event loop, where no work is running. */
export function forgetOwnWork(): void {
  depth = 0;
}

export function isOwnWork(): boolean {
  return depth > 0;
}
