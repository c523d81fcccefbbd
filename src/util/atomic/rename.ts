/**
 * Renames that wait for other programs: on Windows, a rename fails for the moment in which a virus scanner, an indexer or
 * a reader has one of the files open.
 */
import { renameSync } from "node:fs";
import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits between attempts, in milliseconds: 1.1 seconds together. */
const waits: readonly number[] = [10, 20, 40, 80, 150, 300, 500];
const passing = new Set(["EPERM", "EACCES", "EBUSY"]);

/** `rename` of `node:fs/promises`, repeated on Windows while another program holds a file. Throws its last error. */
export async function renameWhole(from: string, to: string, system: RenameSystem = {}): Promise<void> {
  const { move = rename, platform = process.platform } = system;
  for (const wait of platform === "win32" ? waits : []) {
    try {
      return await move(from, to);
    } catch (error) {
      if (!isPassingError(error)) throw error;
    }
    await sleep(wait);
  }
  return move(from, to);
}

/** The synchronous form of {@link renameWhole}; it blocks while it waits. */
export function renameWholeSync(from: string, to: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (const wait of process.platform === "win32" ? waits : []) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (!isPassingError(error)) throw error;
    }
    Atomics.wait(clock, 0, 0, wait);
  }
  renameSync(from, to);
}

/** What a test puts in place of the system. */
export interface RenameSystem {
  readonly move?: (from: string, to: string) => Promise<void>;
  readonly platform?: NodeJS.Platform;
}

function isPassingError(error: unknown): boolean {
  return passing.has((error as NodeJS.ErrnoException).code ?? "");
}
