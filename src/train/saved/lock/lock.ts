/**
 * One training per folder. A lock is a separate folder in the training's folder, with a name that is never reused. A
 * process first announces its lock and then looks for others, so of any two at least one sees the other. Everything
 * is published by a rename out of the lock's folder. A process that takes over moves the folders of dead locks into
 * its lock, so a process that was only stopped or slow can publish nothing: its next rename fails.
 */
import { access, mkdir, readdir, rename, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckpointError } from "../../../errors/index.js";
import { isPassing, passingPath } from "../../../util/atomic/unfinished.js";
import { earlierLives, earlierOwner } from "./earlier.js";
import { beatFile, isBeating, keepBeating } from "./lease.js";
import { fencedPrefix, heldFile, lockName } from "./names.js";
import { type Owner, ownerFile, ownerText, ownRecord, readOwner, systemId } from "./owner.js";
import { answers, listenIn } from "./socket.js";

/** Creating a lock takes milliseconds. */
const unannouncedMillis = 3_600_000;

const lookMillis = 20;
/** Two simultaneous starts need a moment; a process that stopped then must not block the other forever. */
const mostLooks = 1500;

/** Options of a lock. */
export interface LockOptions {
  /** Called if a lock of another machine must be watched. */
  readonly note?: (text: string) => void;
  /** Aborts the watching. */
  readonly signal?: AbortSignal | undefined;
  /** For tests. */
  readonly leaseMillis?: number;
}

/** A held lock. */
export interface FolderLock {
  /** The folder for unfinished files. */
  readonly work: string;
  /** Moves something from the lock's folder to its place. @throws CheckpointError if the lock was lost */
  publish(name: string, target: string): Promise<void>;
  /** Moves something from its place into the lock's folder. @throws CheckpointError if the lock was lost */
  take(source: string, name: string): Promise<void>;
  /** Replaces an error by the error of a lost lock; returns any other error unchanged. */
  explain(error: unknown): Promise<unknown>;
  /** Whether another process has taken over. */
  isLost(): Promise<boolean>;
  free(): Promise<void>;
}

/**
 * Locks a folder and creates it if it is missing; when unlocked, an otherwise empty folder is removed.
 * @param displayName the folder's name in errors
 * @throws CheckpointError if another living process holds the lock, or if it cannot be written; the signal's reason
 * if that aborts
 */
export async function lockFolder(folder: string, displayName: string, options: LockOptions = {}): Promise<FolderLock> {
  let made: string | undefined;
  let announced: Announced | null = null;
  try {
    made = await mkdir(folder, { recursive: true });
    announced = await announce(folder);
    const dead = await waitForOthers(folder, displayName, announced.lock, options);
    await writeFile(path.join(announced.lock, heldFile), "", { flag: "wx" });
    for (const [index, other] of dead.entries()) {
      await rename(other, path.join(announced.lock, `${fencedPrefix}${index}`)).catch(ignoreMissing);
    }
    await removeUnannounced(folder);
    return folderLock(folder, displayName, made, announced);
  } catch (cause) {
    if (announced !== null) await withdraw(announced);
    if (made !== undefined) await removeEmpty(folder, made);
    if (cause instanceof CheckpointError || options.signal?.aborted) throw cause;
    throw new CheckpointError(
      {
        path: displayName,
        message: "cannot write in this folder; nothing was trained",
        received: (cause as Error).message,
        fix: "choose a writable folder",
      },
      { cause },
    );
  }
}

/** A lock that others can see. */
interface Announced {
  readonly lock: string;
  readonly files: readonly string[];
  stop(): void;
}

/** Completed under another name, so that its owner is visible as soon as the lock is. */
async function announce(folder: string): Promise<Announced> {
  const lock = passingPath(path.join(folder, lockName), "held");
  const fresh = passingPath(path.join(folder, lockName), "unfinished");
  await mkdir(fresh);
  try {
    const socket = await listenIn(fresh);
    await writeFile(path.join(fresh, ownerFile), `${JSON.stringify(ownRecord(socket?.name ?? null))}\n`);
    const beats = await keepBeating(fresh, () => lock);
    await rename(fresh, lock);
    const stop = (): void => {
      beats.stop();
      socket?.close();
    };
    return { lock, files: [ownerFile, beatFile, ...(socket === null ? [] : [socket.name])], stop };
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function withdraw({ lock, files, stop }: Announced): Promise<void> {
  stop();
  for (const name of [...files, heldFile]) await unlink(path.join(lock, name)).catch(() => undefined);
  await rmdir(lock).catch(() => undefined);
}

/** Locks of processes that were killed before others could see them. */
async function removeUnannounced(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => isPassing(each, "unfinished", lockName))) {
    const lock = path.join(folder, name);
    const owner = await readOwner(lock);
    const age = Date.now() - ((await stat(lock).catch(() => null))?.ctimeMs ?? 0);
    if (age < unannouncedMillis && (owner === null || (await lives(lock, owner)) !== false)) continue;
    const files = [ownerFile, beatFile, ...(owner?.socket ? [owner.socket] : [])];
    for (const file of files) await unlink(path.join(lock, file)).catch(() => undefined);
    await rmdir(lock).catch(() => undefined);
  }
}

function folderLock(folder: string, displayName: string, made: string | undefined, announced: Announced): FolderLock {
  const work = announced.lock;
  const isLost = (): Promise<boolean> =>
    access(work).then(
      () => false,
      () => true,
    );
  const explain = async (error: unknown): Promise<unknown> => ((await isLost()) ? lostLock(displayName, error) : error);
  const move = (from: string, to: string): Promise<void> =>
    rename(from, to).catch(async (error: unknown) => Promise.reject(await explain(error)));
  return {
    work,
    publish: (name, target) => move(path.join(work, name), target),
    take: (source, name) => move(source, path.join(work, name)),
    explain,
    isLost,
    async free() {
      await withdraw(announced);
      if (made !== undefined) await removeEmpty(folder, made);
    },
  };
}

/** Checks all other locks until only locks of dead processes remain; returns them. */
async function waitForOthers(
  folder: string,
  displayName: string,
  ownLock: string,
  options: LockOptions,
): Promise<string[]> {
  for (let look = 0; ; look++) {
    const others = await locksIn(folder, ownLock);
    const states = await Promise.all(others.map((lock) => readState(folder, displayName, lock, ownLock, options)));
    const alive = states.filter((state) => state.living !== null);
    const winner = alive.find(({ isHeld, lock }) => isHeld || lock < ownLock);
    if (winner !== undefined || look === mostLooks) throw heldByOther(displayName, winner ?? alive[0]!);
    if (alive.length === 0) return others;
    options.signal?.throwIfAborted();
    await sleep(lookMillis);
  }
}

/** The other locks, and the lock file of earlier versions. */
async function locksIn(folder: string, ownLock: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name === lockName || isPassing(name, "held", lockName));
  return names.map((name) => path.join(folder, name)).filter((lock) => lock !== ownLock);
}

interface LockState {
  readonly lock: string;
  readonly isHeld: boolean;
  /** The owner of a lock; `null` if its process is gone. */
  readonly living: string | null;
}

async function readState(
  folder: string,
  displayName: string,
  lock: string,
  ownLock: string,
  options: LockOptions,
): Promise<LockState> {
  const isEarlier = path.basename(lock) === lockName;
  const owner = isEarlier ? await earlierOwner(lock) : await readOwner(lock);
  const isHeld = isEarlier || (await exists(path.join(lock, heldFile)));
  const who = owner === null ? "a process" : ownerText(owner);
  const ownerLives = isEarlier ? earlierLives(owner) : await lives(lock, owner as Owner | null);
  const waiting = (seconds: number): void =>
    options.note?.(`${displayName}: locked by ${who}, which may have ended: waiting up to ${seconds} s to find out`);
  const now = path.join(ownLock, beatFile);
  const file = isEarlier ? lock : path.join(lock, beatFile);
  const isAlive =
    ownerLives ?? (await isBeating(file, { now, waiting, signal: options.signal, leaseMillis: options.leaseMillis }));
  return { lock, isHeld, living: isAlive && (await exists(path.join(folder, path.basename(lock)))) ? who : null };
}

/** What the operating system knows about a lock's process; `null`: nothing. */
async function lives(lock: string, owner: Owner | null): Promise<boolean | null> {
  if (owner === null || owner.system !== systemId() || owner.socket === null) return null;
  return answers(lock, owner.socket);
}

function heldByOther(folder: string, { lock, living }: LockState): CheckpointError {
  return new CheckpointError({
    path: folder,
    message: "another training writes to this folder; nothing was trained",
    received: living ?? "a lock that cannot be acquired",
    expected: "one training per folder at a time",
    fix: `wait for it, choose another folder, or remove ${lock} if no such training is running`,
  });
}

function lostLock(folder: string, cause: unknown): CheckpointError {
  return new CheckpointError(
    {
      path: folder,
      message: "another training has taken over this folder, so this one can no longer save there",
      received: "the lock of this process is gone, possibly after a long pause",
      expected: "a lock that is held until the training ends",
      fix: "the folder contains the other training's run; use another folder for this training",
    },
    { cause },
  );
}

function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** Removes a folder and its parents up to `made`, as long as they are empty. */
async function removeEmpty(folder: string, made: string): Promise<void> {
  for (let place = folder; place.startsWith(made); place = path.dirname(place)) {
    const removed = await rmdir(place).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
