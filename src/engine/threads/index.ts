/** How many threads an engine may have. */
import { availableParallelism } from "node:os";
import { EngineError } from "../../errors/index.js";

/** Beyond this and the machine's cores, threads only wait for each other, and each holds 20 MB and four descriptors. */
const mostUseful = 64;

/** Threads of an engine that nobody asks for more or fewer of: 2, or the machine's cores where it has fewer. */
export function defaultThreads(): number {
  return Math.min(2, availableParallelism());
}

/** Most threads of one engine on this machine: 64, or its cores where it has more. */
export function mostThreads(): number {
  return Math.max(mostUseful, availableParallelism());
}

/** @throws EngineError for what is not a number of threads that this machine can use */
export function assertThreads(threads: unknown, path = "options.threads"): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && (threads as number) >= 1 && (threads as number) <= mostThreads()) return;
  throw new EngineError({
    path,
    message: "not a valid number of threads",
    received: typeof threads === "number" ? String(threads) : (JSON.stringify(threads) ?? String(threads)),
    expected: `an integer from 1 to ${mostThreads()}`,
    fix: `this machine has ${availableParallelism()} cores; more threads do not make training faster`,
  });
}
