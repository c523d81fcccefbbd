/** Flushes files to disk, so that a power failure after a rename does not leave an empty file under the new name. */
import { type FileHandle, open } from "node:fs/promises";

export async function flushFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
}

/** Waits until a folder's file names are on disk, except on Windows and network disks that do not support it. */
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
