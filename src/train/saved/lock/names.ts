/** Names of locks in a training's folder, and of what is in them. */
import { isPassing } from "../../../util/atomic/unfinished.js";

/** Locks are called so, with a number behind; earlier versions had one file of this name. */
export const lockName = "training.lock";

/** Whether a name in a training's folder is that of a lock, of a living process or not. */
export function isLock(name: string): boolean {
  return name === lockName || isPassing(name, "held", lockName) || isPassing(name, "unfinished", lockName);
}

/** There once the lock is held, and no longer only announced. */
export const heldFile = "held";
/** Locks of dead processes, inside the lock that was taken after them. */
export const fencedPrefix = "fenced-";
/** What is on its way into its place, or out of it. */
export const workNames = { fresh: "new", linked: "linked", oldRun: "old-run", oldPrefix: "old-" } as const;
