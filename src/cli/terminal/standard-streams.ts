/**
 * Standard output and standard error. What is printed holds text of anybody, which a terminal must not obey. And they may
 * be closed at any time: by `| head`, by Ctrl-C in `| tee log`, with a terminal that is closed. That must not end a
 * training before its checkpoint is saved.
 */
import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { visible } from "../../util/text/visible.js";

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

/**
 * The one door to a terminal: whatever is printed, by this command or by a library under it, shows control characters as
 * escapes. Names, values and messages come from files of anybody. To be called once.
 */
export function showControlCharacters(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
    stream.write = ((chunk: unknown, ...rest: unknown[]) =>
      write(typeof chunk === "string" ? visible(chunk) : chunk, ...rest)) as typeof stream.write;
  }
}

/** The text of a file: a pipe or a file gets it unchanged, as bytes. */
export function printFile(text: string): void {
  process.stdout.write(process.stdout.isTTY ? text : Buffer.from(text));
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
