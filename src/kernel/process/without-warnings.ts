/** Node warns of doors that the kernel uses on purpose; the warning would appear in the notebook. */

/** Runs work whose warnings nobody is to see. */
export function withoutWarnings<Result>(work: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
