/**
 * Suppresses Node's warnings about internal APIs that the kernel uses deliberately; they would appear in the notebook.
 */

/** Runs work and suppresses its warnings. */
export function withoutWarnings<Result>(work: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
