/** An end at a good moment: the first SIGINT or SIGTERM lets the running step finish, a second one ends at once. */
import type { Log } from "./log.js";

/** Exit codes, as shells give them: 128 + the signal's number. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Watched signals. */
export interface Signals {
  readonly signal: AbortSignal;
  /** The exit code of the signal that came; `null` where none did. */
  readonly exitCode: number | null;
  stop(): void;
}

/** Watches until `stop()`; `running` is what the note calls the work at hand. */
export function watchSignals(log: Log, running = "step"): Signals {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    const code = codes[name as keyof typeof codes];
    if (exitCode !== null) process.exit(code);
    exitCode = code;
    log.note(`${name}: stopping after this ${running}; once more to stop at once, without saving`);
    controller.abort();
  };
  const names = Object.keys(codes) as (keyof typeof codes)[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    stop() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
