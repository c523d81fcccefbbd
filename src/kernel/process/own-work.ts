/** Marks synchronous work of the kernel, which must not be terminated like a loop in a cell. */

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
