/**
 * One training per folder. The folder `training.lock` contains one folder, named after its owner with a name that is
 * never reused. It appears by a rename, which fails if there is another lock. A dead owner's is renamed, which only one
 * of many can do. Everything is published by a rename out of it. So a process that was only stopped or slow can publish
 * nothing once it has lost the lock: its next rename fails.
 *
 * An owner proves its lease by writing `beat` every few seconds. On the same system, a process with this number must be running.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { access, rename, rm, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { CheckpointError } from "../../errors/index.js";
import { attempt, succeeds } from "../../util/attempt.js";
import { namesIn, sha256 } from "../../util/files/checksums.js";
import { makeFolders } from "../../util/files/make-folders.js";
import { readText } from "../../util/files/read-whole.js";
import { isRunning } from "../../util/machine.js";
import { isPassing, passingPath } from "../../util/unfinished.js";
import { leftMillis } from "../../util/write-whole.js";

export const lockName = "training.lock";
export const beatFile = "beat";
export const workNames = { fresh: "new", linked: "linked", oldRun: "old-run", oldPrefix: "old-" } as const;

const beatMillis = 5_000;
/** An owner that has not written for this time counts as dead. */
const leaseMillis = 60_000;
const mostTurns = 20;

export function isLock(name: string): boolean {
  return name === lockName || isPassing(name, "unfinished", lockName);
}

/** Locks a folder, made if missing. @throws CheckpointError if a living process holds the lock */
export async function lockFolder(folder: string, displayName: string): Promise<FolderLock> {
  const lock = new FolderLock(folder, displayName);
  try {
    await lock.acquire();
    return lock;
  } catch (cause) {
    await lock.free();
    if (cause instanceof CheckpointError) throw cause;
    throw new CheckpointError({
      path: displayName,
      message: "cannot write in this folder; nothing was trained",
      received: (cause as Error).message,
      fix: "choose a writable folder",
      cause,
    });
  }
}

export class FolderLock {
  readonly #place: string;
  readonly work: string;
  #made: string | undefined;
  #beats: NodeJS.Timeout | undefined;

  constructor(
    private readonly folder: string,
    private readonly displayName: string,
  ) {
    this.#place = path.join(folder, lockName);
    this.work = path.join(this.#place, ownerName(process.pid));
  }

  async acquire(): Promise<void> {
    const unfinished = passingPath(this.#place, "unfinished");
    const fresh = path.join(unfinished, path.basename(this.work));
    this.#made = makeFolders(this.folder);
    try {
      makeFolders(fresh);
      for (let turn = 1; ; turn++) {
        await writeBeat(fresh, "w");
        await rmdir(this.#place).catch(() => undefined); // Windows moves no folder over an empty one.
        let problem: unknown = await rename(unfinished, this.#place).catch((error: unknown) => error);
        const [owner] = await ownersIn(this.#place);
        if (owner === path.basename(this.work)) break;
        // Its owner may free it, or another process may take it over, at any moment.
        if (owner !== undefined) problem = await this.#takeOver(owner, fresh).catch((error: unknown) => error);
        if (problem instanceof CheckpointError || (problem !== undefined && turn > mostTurns)) throw problem;
      }
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    this.#beats = setInterval(() => void writeBeat(this.work, "r+").catch(() => undefined), beatMillis).unref();
  }

  /** @param fresh a lock with a new beat, for the time on that disk @throws CheckpointError if its owner lives */
  async #takeOver(owner: string, fresh: string): Promise<void> {
    const lock = path.join(this.#place, owner);
    const [, pid, system, host] = /^(\d+)-(\w+)-(.*)\.held-/.exec(owner) ?? [];
    const isHere = system === systemId();
    const left = leaseMillis - Math.max(0, (await beatTime(fresh)) - (await beatTime(lock)));
    if (left > 0 && (!isHere || isRunning(Number(pid)))) {
      throw new CheckpointError({
        path: this.displayName,
        message: "another training writes to this folder; nothing was trained",
        received: `process ${pid}${isHere ? "" : ` on ${host}`}`,
        expected: "one training per folder at a time",
        fix: `wait for it, or choose another folder; if no such training is running, try again in ${Math.ceil(left / 1000)} s`,
      });
    }
    // With a new beat, so that it does not look dead to other machines.
    await rename(path.join(fresh, beatFile), path.join(lock, beatFile));
    await rename(lock, this.work);
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
    // What a training could not remove is left to the next one, with an owner that is dead.
    const names = await namesIn(this.work);
    const isEmpty = names.every((name) => name === beatFile);
    const ended = path.join(this.#place, ownerName(endedPid));
    await (isEmpty ? unlink(path.join(this.work, beatFile)) : rename(this.work, ended)).catch(() => undefined);
    for (const name of await namesIn(this.folder)) {
      if (name === lockName || !isLock(name)) continue;
      const left = path.join(this.folder, name);
      const { ctimeMs = Number.NaN } = await stat(left).catch(() => ({ ctimeMs: undefined }));
      if (Date.now() - ctimeMs > leftMillis) await rm(left, { recursive: true, force: true });
    }
    const top = this.#made ?? this.#place;
    for (let place = this.work; place.startsWith(top); place = path.dirname(place)) {
      await rmdir(place).catch(() => undefined);
    }
  }
}

export async function ownersIn(lock: string): Promise<string[]> {
  return (await namesIn(lock)).filter((name) => isPassing(name, "held"));
}

/** Beyond the numbers of processes. */
const endedPid = 2 ** 31 - 1;

function ownerName(pid: number): string {
  return passingPath([pid, systemId(), hostname().replace(/[^\w.-]/g, "_")].join("-"), "held");
}

/** The kernel's boot and the namespace of process numbers; without /proc, the machine. */
function systemId(): string {
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1"), hostname());
  return sha256(boot + attempt(() => readlinkSync("/proc/self/ns/pid"), "")).slice(0, 16);
}

/** Of the same length each time, so that a full disk accepts it. */
function writeBeat(lock: string, flag: "w" | "r+"): Promise<void> {
  return writeFile(path.join(lock, beatFile), "beat", { flag });
}

/** Opened, since network disks answer from a cache for a file that is not; without one, when the folder changed. */
async function beatTime(lock: string): Promise<number> {
  const file = path.join(lock, beatFile);
  return (await stat((await succeeds(readText(file, "text"))) ? file : lock)).mtimeMs;
}

export function exists(place: string): Promise<boolean> {
  return succeeds(access(place));
}
