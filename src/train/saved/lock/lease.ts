/**
 * A lease: a file that its owner rewrites every few seconds. It is the only sign of an owner on another machine or
 * on a disk without sockets. An owner that was just slow loses its lock and notices that (see `lock.ts`).
 */
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readText } from "../../../util/files/read-whole.js";

/** The file's name. */
export const beatFile = "beat";

const beatMillis = 5_000;
/** An owner that has not written for this time counts as gone. */
const leaseMillis = 60_000;

/** Writes the first beat, then one every few seconds until `stop`; the user of the lock handles failures. */
export async function keepBeating(lock: string, location: () => string): Promise<{ stop(): void }> {
  let beats = 0;
  // Of the same length as the previous one, so that a full disk accepts it.
  const text = () => String(beats++).padStart(12, "0");
  const first = await open(path.join(lock, beatFile), "wx");
  await first.writeFile(text()).finally(() => first.close());
  const beat = async (): Promise<void> => {
    const handle = await open(path.join(location(), beatFile), "r+");
    await handle.writeFile(text()).finally(() => handle.close());
  };
  const timer = setInterval(() => void beat().catch(() => undefined), beatMillis);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** How to watch a lease. */
export interface Watching {
  /** A file written just now on the same disk, whose clock may be another machine's. */
  readonly now: string;
  /** Receives the maximum wait before a long one. */
  readonly waiting: (seconds: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** For tests. Default: a minute. */
  readonly leaseMillis?: number | undefined;
}

/**
 * Whether the owner of a lease is alive: waits for its next beat until the lease expires.
 * @param file the file of the owner
 * @throws the signal's reason if that aborts
 */
export async function isBeating(file: string, watching: Watching): Promise<boolean> {
  const lease = watching.leaseMillis ?? leaseMillis;
  const before = await readBeat(file);
  const left = lease - ((await stat(watching.now)).mtimeMs - before.millis);
  if (before.millis === 0 || left <= 0) return false;
  if (left > beatMillis / 2) watching.waiting(Math.ceil(left / 1000));
  const end = performance.now() + Math.min(left, lease);
  while (performance.now() < end) {
    await sleep(Math.min(500, lease / 10), undefined, { signal: watching.signal });
    const now = await readBeat(file);
    if (now.millis === 0) return false;
    if (now.text !== before.text || now.millis !== before.millis) return true;
  }
  return false;
}

/** Opened for each read: network disks answer from a cache for a file that is not opened. */
async function readBeat(file: string): Promise<{ text: string; millis: number }> {
  try {
    const text = await readText(file, "text");
    return { text, millis: (await stat(file)).mtimeMs };
  } catch {
    return { text: "", millis: 0 };
  }
}
