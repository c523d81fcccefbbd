/**
 * Names of locks in a training's folder, and of their content.
 */
import { isPassing } from "../../../util/atomic/unfinished.js";

/** Locks have this name and a number; earlier versions used one file with this name. */
export const lockName = "training.lock";

/** Whether a name in a training's folder is that of a lock, of a living or dead process. */
export function isLock(name: string): boolean {
  return name === lockName || isPassing(name, "held", lockName) || isPassing(name, "unfinished", lockName);
}

/** Exists once the lock is held and not just announced. */
export const heldFile = "held";
/** Locks of dead processes, inside the lock that replaced them. */
export const fencedPrefix = "fenced-";
/** Files that are being moved into or out of their place. */
export const workNames = { fresh: "new", linked: "linked", oldRun: "old-run", oldPrefix: "old-" } as const;
