/**
 * Ends a command on a signal: immediately, with the conventional exit code, unless the command watches. Then the first
 * signal lets the running step finish, and a second SIGINT or SIGTERM ends the process immediately.
 */
import type { Log } from "./log.js";
import { terminalIsGone } from "./standard-streams.js";

/** Exit codes, as in shells: 128 + the signal's number. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

type SignalName = keyof typeof codes;

const watchers: ((name: SignalName) => void)[] = [];

/** Ends the command on a signal if nothing watches; exit handlers run. Call it once. */
export function endOnSignals(): void {
  for (const name of Object.keys(codes) as SignalName[]) {
    process.on(name, () => {
      if (name === "SIGHUP") terminalIsGone();
      (watchers.at(-1) ?? endNow)(name);
    });
  }
}

function endNow(name: SignalName): never {
  process.exit(codes[name]);
}

/** Work was abandoned on a signal. The process must exit, since the work may still be running. */
export class StoppedError extends Error {
  constructor(readonly exitCode: number) {
    super("stopped by a signal");
  }
}

export interface Signals {
  readonly signal: AbortSignal;
  /** The exit code of the received signal; `null` if none was received. */
  readonly exitCode: number | null;
  /** The result of work that leaves nothing to save. Throws a StoppedError as soon as a signal is received. */
  unlessStopped<T>(work: Promise<T>): Promise<T>;
  stop(): void;
}

/** Watches until `stop()`; the note calls the current work `running`. */
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
        return await Promise.race([work, aborted(controller.signal)]);
      } finally {
        nothingToSave--;
      }
    },
    stop() {
      watchers.splice(watchers.indexOf(onSignal), 1);
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
