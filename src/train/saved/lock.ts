/**
 * One training per folder. A lock is a folder in the training's folder, with a name that is never reused. A process
 * first announces its lock and then looks for others, so of any two at least one sees the other, and withdraws.
 * Everything is published by a rename out of the lock's folder. A process that takes over moves the folders of dead
 * locks into its lock, so a process that was only stopped or slow can publish nothing: its next rename fails.
 *
 * The owner of a lock is alive if the process with its number and start time exists. Where that cannot be seen (another
 * machine, another container, or no /proc), the owner proves its lease by rewriting `beat` every few seconds.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { access, mkdir, open, readdir, rename, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckpointError } from "../../errors/index.js";
import { makeFolders } from "../../util/files/make-folders.js";
import { readText } from "../../util/files/read-whole.js";
import { succeeds } from "../../util/turns.js";
import { isPassing, passingPath } from "../../util/unfinished.js";

/** Locks have this name and a number. */
const lockName = "training.lock";
export const ownerFile = "owner.json";
export const beatFile = "beat";
export const fencedPrefix = "fenced-";
export const workNames = { fresh: "new", linked: "linked", oldRun: "old-run", oldPrefix: "old-" } as const;

const unannouncedMillis = 3_600_000;
const withdrawnMillis = 50;
const beatMillis = 5_000;

export interface LockOptions {
  readonly note?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** An owner that has not written for this time counts as gone. Default: a minute. */
  readonly leaseMillis?: number;
}

/** `owner.json`. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** The kernel's boot and the namespace of process numbers; `null` without /proc. */
  readonly system: string | null;
  /** The start time of the process, in the unit of /proc. */
  readonly started: string | null;
}

export function isLock(name: string): boolean {
  return isPassing(name, "held", lockName) || isPassing(name, "unfinished", lockName);
}

/** Locks a folder, made if missing. @throws CheckpointError if a living process holds the lock; the signal's reason */
export async function lockFolder(folder: string, displayName: string, options: LockOptions = {}): Promise<FolderLock> {
  for (let lock: FolderLock | null = null, made: string | undefined; ; lock = null) {
    try {
      made = makeFolders(folder) ?? made;
      const earlier = await locksIn(folder, "held");
      lock = await FolderLock.announce(folder, displayName, made);
      const rival = await lock.acquire(options);
      if (rival === null) return lock;
      if (earlier.includes(rival.lock)) throw lockedError(displayName, rival);
      await lock.free();
      await sleep(withdrawnMillis * Math.random());
    } catch (cause) {
      await (lock === null ? removeEmpty(folder, made) : lock.free());
      if (cause instanceof CheckpointError || options.signal?.aborted) throw cause;
      throw new CheckpointError({
        path: displayName,
        message: "cannot write in this folder; nothing was trained",
        received: (cause as Error).message,
        fix: "choose a writable folder",
        cause,
      });
    }
  }
}

type Rival = { readonly lock: string; readonly who: string };

function lockedError(displayName: string, { lock, who }: Rival): CheckpointError {
  return new CheckpointError({
    path: displayName,
    message: "another training writes to this folder; nothing was trained",
    received: who,
    expected: "one training per folder at a time",
    fix: `wait for it, choose another folder, or remove ${lock} if no such training is running`,
  });
}

export class FolderLock {
  readonly #beats: NodeJS.Timeout;

  private constructor(
    readonly work: string,
    private readonly folder: string,
    private readonly displayName: string,
    private readonly made: string | undefined,
  ) {
    let beats = 0;
    this.#beats = setInterval(() => void writeBeat(work, "r+", ++beats).catch(() => undefined), beatMillis).unref();
  }

  /** Completed under another name, so that its owner is visible as soon as the lock is. */
  static async announce(folder: string, displayName: string, made: string | undefined): Promise<FolderLock> {
    const fresh = passingPath(path.join(folder, lockName), "unfinished");
    const work = passingPath(path.join(folder, lockName), "held");
    await mkdir(fresh);
    try {
      const owner: Owner = { pid: process.pid, host: hostname(), system: systemId(), started: startTime(process.pid) };
      await writeFile(path.join(fresh, ownerFile), `${JSON.stringify({ format: "pepnet-lock", ...owner })}\n`);
      await writeBeat(fresh, "wx", 0);
      await rename(fresh, work);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
    return new FolderLock(work, folder, displayName, made);
  }

  /** Moves the locks of dead processes into this one; or returns another living process, which may hold the lock. */
  async acquire(options: LockOptions): Promise<Rival | null> {
    const others = (await locksIn(this.folder, "held")).filter((lock) => lock !== this.work);
    for (const lock of others) {
      const who = await this.#living(lock, options);
      if (who !== null) return { lock, who };
    }
    for (const [index, other] of others.entries()) {
      await rename(other, path.join(this.work, `${fencedPrefix}${index}`)).catch(ignoreMissing);
    }
    // Of processes that ended before they announced their lock.
    for (const lock of await locksIn(this.folder, "unfinished")) {
      const age = Date.now() - ((await stat(lock).catch(() => null))?.ctimeMs ?? 0);
      if (age >= unannouncedMillis) await removeLock(lock);
    }
    return null;
  }

  /** The name of a lock's owner, or `null` if it is dead. */
  async #living(lock: string, options: LockOptions): Promise<string | null> {
    const owner = await readOwner(lock);
    const where = owner === null || owner.host === hostname() ? "" : ` on ${owner.host}`;
    const who = owner === null ? "a process" : `process ${owner.pid}${where}`;
    const wait = (seconds: number): void =>
      options.note?.(
        `${this.displayName}: locked by ${who}, which may have ended: waiting up to ${seconds} s to find out`,
      );
    return ((owner && lives(owner)) ?? (await isBeating(lock, this.work, wait, options))) ? who : null;
  }

  /** Moves something out of the lock's folder, or into it. @throws CheckpointError if the lock was lost */
  async move(from: string, to: string): Promise<void> {
    await rename(from, to).catch(async (error: unknown) => {
      throw await this.explain(error);
    });
  }

  async isLost(): Promise<boolean> {
    return !(await exists(this.work));
  }

  async explain(cause: unknown): Promise<unknown> {
    if (!(await this.isLost())) return cause;
    return new CheckpointError({
      path: this.displayName,
      message: "another training has taken over this folder, so this one can no longer save there",
      received: "the lock of this process is gone, possibly after a long pause",
      expected: "a lock that is held until the training ends",
      fix: "the folder contains the other training's run; use another folder for this training",
      cause,
    });
  }

  async free(): Promise<void> {
    clearInterval(this.#beats);
    await removeLock(this.work);
    await removeEmpty(this.folder, this.made);
  }
}

async function locksIn(folder: string, passing: "held" | "unfinished"): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => isPassing(name, passing, lockName));
  return names.map((name) => path.join(folder, name));
}

async function readOwner(lock: string): Promise<Owner | null> {
  try {
    const owner = JSON.parse(await readText(path.join(lock, ownerFile), "text"));
    const isOwner = owner.format === "pepnet-lock" && typeof owner.pid === "number" && typeof owner.host === "string";
    return isOwner ? owner : null;
  } catch {
    return null;
  }
}

function systemId(): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
}

/** `null`: unknown. */
function startTime(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? "ended" : fields[18]!;
  } catch {
    return null;
  }
}

/** Whether a process lives; `null`: this cannot be seen from here. */
function lives({ pid, host, system, started }: Owner): boolean | null {
  if (system == null ? host !== hostname() : system !== systemId()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const since = started == null ? null : startTime(pid);
  return since === null ? null : since === started;
}

/** Of the same length each time, so that a full disk accepts it. */
async function writeBeat(lock: string, flag: "wx" | "r+", beats: number): Promise<void> {
  const handle = await open(path.join(lock, beatFile), flag);
  await handle.writeFile(String(beats).padStart(12, "0")).finally(() => handle.close());
}

/** Waits for an owner's beat until its lease expires. @param fresh a lock with a new beat, for the time on that disk */
async function isBeating(
  lock: string,
  fresh: string,
  wait: (seconds: number) => void,
  { leaseMillis = 60_000, signal }: LockOptions,
): Promise<boolean> {
  const [before, now] = [await readBeat(lock), await readBeat(fresh)];
  const left = before === null || now === null ? 0 : leaseMillis - (now.millis - before.millis);
  if (left > beatMillis / 2) wait(Math.ceil(left / 1000));
  for (const end = performance.now() + Math.min(left, leaseMillis); performance.now() < end; ) {
    await sleep(Math.min(500, leaseMillis / 10), undefined, { signal });
    const beat = await readBeat(lock);
    if (beat?.text !== before?.text || beat?.millis !== before?.millis) return beat !== null;
  }
  return false;
}

/** Opened for each read: network disks answer from a cache for a file that is not opened. */
async function readBeat(lock: string): Promise<{ readonly text: string; readonly millis: number } | null> {
  const file = path.join(lock, beatFile);
  try {
    return { text: await readText(file, "text"), millis: (await stat(file)).mtimeMs };
  } catch {
    return null;
  }
}

async function removeLock(lock: string): Promise<void> {
  for (const name of [ownerFile, beatFile]) await unlink(path.join(lock, name)).catch(() => undefined);
  await rmdir(lock).catch(() => undefined);
}

export function exists(place: string): Promise<boolean> {
  return succeeds(access(place));
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function removeEmpty(folder: string, made: string | undefined): Promise<void> {
  for (let place = folder; made !== undefined && place.startsWith(made); place = path.dirname(place)) {
    if (!(await succeeds(rmdir(place)))) return;
  }
}
