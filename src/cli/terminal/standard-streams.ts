/**
 * Protects standard output and standard error. Printed text can come from untrusted files, so a terminal must not
 * execute its control characters. The streams may close at any time: by `| head`, by Ctrl-C in `| tee log`, or with the
 * terminal. That must not end training before its checkpoint is saved.
 */
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";
import { visible } from "../../util/text/visible.js";

let failure: NodeJS.ErrnoException | null = null;
let isTerminalGone = false;
let hasLiveLine = false;

/** Keeps the command running when its output is closed. Call it once. */
export function surviveClosedStreams(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (process.stdout.isTTY) terminalIsGone();
    else if (error.code !== "EPIPE") failure ??= error;
  });
  process.stderr.on("error", () => {
    if (process.stderr.isTTY) terminalIsGone();
  });
  // Checked now: a closed terminal no longer reports that it is one.
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on("exit", () => {
    if (isTerminalGone) leaveTerminals(terminals);
  });
}

export function terminalIsGone(): void {
  isTerminalGone = true;
}

/**
 * Escapes control characters in everything that this process prints to a terminal, libraries included. Names, values
 * and messages can come from untrusted files. Call it once.
 */
export function showControlCharacters(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = ((chunk: unknown, ...rest: unknown[]) => {
      if (stream.isTTY) eraseLiveLine();
      return write(typeof chunk === "string" ? visible(chunk) : chunk, ...rest);
    }) as typeof stream.write;
  }
  process.on("exit", eraseLiveLine);
}

/** Draws a line at the end of the terminal; the next one replaces it, and anything printed erases it. */
export function drawLiveLine(line: string): void {
  eraseLiveLine();
  process.stdout.write(Buffer.from(line));
  hasLiveLine = true;
}

export function eraseLiveLine(): void {
  if (!hasLiveLine) return;
  hasLiveLine = false;
  process.stdout.write(Buffer.from("\r\u001b[2K"));
}

/** Prints the text of a file; a pipe or a file receives the bytes unchanged. */
export function printFile(text: string): void {
  process.stdout.write(process.stdout.isTTY ? text : Buffer.from(text));
}

/** Why standard output is incomplete although it is open, such as a full disk; `null` if it is complete. */
export function outputFailure(): NodeJS.ErrnoException | null {
  return failure;
}

/** Node resets the terminal on exit, and aborts (SIGABRT) if that fails; it does not touch other files. */
function leaveTerminals(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    closeSync(descriptor);
    openSync(devNull, "r+"); // reuses the descriptor that was just closed
  }
}
