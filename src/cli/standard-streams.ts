/**
 * Standard output and standard error may be closed at any time: by `| head`, by Ctrl-C in `| tee log`, with a terminal
 * that is closed. That must not end a training before its checkpoint is saved.
 */

let failure: NodeJS.ErrnoException | null = null;

/** Keeps the command running when nobody reads what it writes. To be called once. */
export function surviveClosedStreams(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && !process.stdout.isTTY) failure ??= error;
  });
  process.stderr.on("error", () => undefined);
}

/** Why standard output is incomplete although somebody reads it, such as a full disk; `null` where it is complete. */
export function outputFailure(): NodeJS.ErrnoException | null {
  return failure;
}
