/** To disk, so that a power failure after a rename does not leave an empty file under the new name. */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Waits until a file is on disk. */
export async function flushFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
}

/** Waits until the names in a folder are on disk. Windows and some network disks cannot; there it does nothing. */
export async function flushFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // The rename was done all the same.
  } finally {
    await handle?.close();
  }
}

/** {@link flushFile} where nothing may wait. */
export function flushFileSync(file: string): void {
  const handle = openSync(file, "r+");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
