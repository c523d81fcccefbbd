/**
 * Standard output and standard error may be closed at any time: by `| head`, by Ctrl-C in `| tee log`, with a terminal
 * that is closed. That must not end a training before its checkpoint is saved.
 */
import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";

let failure: NodeJS.ErrnoException | null = null;
let isTerminalGone = false;

/** Keeps the command running when nobody reads what it writes. To be called once. */
export function surviveClosedStreams(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (process.stdout.isTTY) terminalIsGone();
    else if (error.code !== "EPIPE") failure ??= error;
  });
  process.stderr.on("error", () => {
    if (process.stderr.isTTY) terminalIsGone();
  });
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor)); // a closed one no longer says so
  process.on("exit", () => {
    if (isTerminalGone) leaveTerminals(terminals);
  });
}

/** The terminal was closed. */
export function terminalIsGone(): void {
  isTerminalGone = true;
}

/** Why standard output is incomplete although somebody reads it, such as a full disk; `null` where it is complete. */
export function outputFailure(): NodeJS.ErrnoException | null {
  return failure;
}

/** Node resets the terminal as it exits, and aborts (SIGABRT) where that fails; it leaves other files alone. */
function leaveTerminals(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    closeSync(descriptor);
    openSync("/dev/null", "r+"); // takes the number that has just become free
  }
}
