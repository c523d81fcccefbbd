import type { Log } from "./log.js";
import { screenLog } from "./screen-log.js";
import { scriptLog } from "./script-log.js";

export interface LogChoices {
  /** JSON lines, also at a terminal. */
  readonly json?: boolean | undefined;
  /** Steps of training between lines for scripts. Default: 100. */
  readonly every?: number | undefined;
}

function isWatched(): boolean {
  return process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
}

export function createLog({ json = false, every = 100 }: LogChoices = {}): Log {
  return !json && isWatched() ? screenLog() : scriptLog(json, every);
}
