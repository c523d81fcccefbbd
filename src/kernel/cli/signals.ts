/** Ends a command on a signal with the usual exit code; one that watches ends its step first, unless repeated. */
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";
import type { EvaluationResult } from "../../api/evaluation.js";
import type { Study } from "../../api/study/study.js";
import type { StudyProgress } from "../../api/study/variants.js";
import type { FitOptions } from "../../api/training/engines.js";
import { visible } from "../../core/util/text.js";

/**
 * Why writing failed. Streams may close at any time (`| head`, Ctrl-C in `| tee log`), but training must not end before
 * it is saved.
 */
let failure: NodeJS.ErrnoException | null = null;
let isTerminalGone = false;
let hasLiveLine = false;

export function surviveClosedStreams(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (process.stdout.isTTY) isTerminalGone = true;
    else if (error.code !== "EPIPE") failure ??= error;
  });
  process.stderr.on("error", () => {
    if (process.stderr.isTTY) isTerminalGone = true;
  });
  // This is checked now, since a closed terminal no longer reports that it is one.
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on("exit", () => {
    if (isTerminalGone) leaveTerminals(terminals);
  });
}

/** Escapes control characters in all that is printed to a terminal: texts can come from untrusted files. */
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

const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

type SignalName = keyof typeof codes;

const watchers: ((name: SignalName) => void)[] = [];

/** Ends the command on a signal if nothing watches; exit handlers run. Call it once. */
export function endOnSignals(): void {
  for (const name of Object.keys(codes) as SignalName[]) {
    process.on(name, () => {
      if (name === "SIGHUP") isTerminalGone = true;
      (watchers.at(-1) ?? endNow)(name);
    });
  }
}

function endNow(name: SignalName): never {
  process.exit(codes[name]);
}

/** Thrown if work was abandoned on a signal. The process must exit, since the work may still be running. */
export class StoppedError extends Error {
  constructor(readonly exitCode: number) {
    super("stopped by a signal");
  }
}

export interface Signals {
  readonly signal: AbortSignal;
  /** The exit code of the received signal; `null` if none was received. */
  readonly exitCode: number | null;
  unlessStopped<T>(work: Promise<T>): Promise<T>;
  stop(): void;
}

export function watchSignals(log: Log, running = "step"): Signals {
  const controller = new AbortController();
  let exitCode: number | null = null;
  let isAsked = false;
  let nothingToSave = 0;
  const onSignal = (name: SignalName): void => {
    // SIGHUP after SIGINT is a closed terminal, not a second request to stop.
    if (isAsked && name !== "SIGHUP") endNow(name);
    isAsked ||= name !== "SIGHUP";
    if (exitCode !== null) return;
    exitCode = codes[name];
    const first = `stopping after this ${running}; repeat to stop immediately, without saving`;
    log.note(`${name}: ${nothingToSave > 0 ? "stopping" : first}`);
    controller.abort(new StoppedError(exitCode));
  };
  watchers.push(onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    async unlessStopped(work) {
      nothingToSave++;
      try {
        return await Promise.race([
          work,
          new Promise<never>((_, reject) => {
            if (controller.signal.aborted) reject(controller.signal.reason);
            controller.signal.addEventListener("abort", () => reject(controller.signal.reason), { once: true });
          }),
        ]);
      } finally {
        nothingToSave--;
      }
    },
    stop() {
      watchers.splice(watchers.indexOf(onSignal), 1);
    },
  };
}

export type Fields = Readonly<Record<string, string | number | null>>;

export interface TrainingPlace {
  readonly step: number;
  readonly epoch: number;
}

export interface Log {
  line(event: string, fields: Fields): void;
  note(text: string): void;
  step(step: Parameters<NonNullable<FitOptions["onStep"]>>[0]): void;
  evaluation(evaluation: EvaluationResult["facts"], at: TrainingPlace | null): void;
  runs(progress: StudyProgress): void;
  study(study: Study): void;
  end(): void;
}
