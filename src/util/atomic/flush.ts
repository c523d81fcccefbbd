/**
 * Flushes files to disk, so that a power failure after a rename does not leave an empty file under the new name.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Waits until a file is on disk. */
export async function flushFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
}

/**
 * Waits until the file names in a folder are on disk. Does nothing on Windows and on network disks that do not
 * support it.
 */
export async function flushFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // The rename has already succeeded.
  } finally {
    await handle?.close();
  }
}

/** The synchronous form of {@link flushFile}. */
export function flushFileSync(file: string): void {
  const handle = openSync(file, "r+");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
