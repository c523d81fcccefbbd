/**
 * Encoded rows that must be on disk but are not kept: a file in a folder of its own in the system's temporary directory,
 * where any user may write. The folder's name is random and the folder is always a new one, so nobody can prepare it or
 * put a link in its place, and only this user may enter it. It is removed as soon as the file is open.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { beginUnfinished, endUnfinished, isPassing } from "../../util/atomic/unfinished.js";
import { leftMillis } from "../../util/atomic/write-whole.js";
import { BlockFile } from "./block-file.js";
import { BlockWriter } from "./block-writer.js";
import type { EntryWriter } from "./cache-folder.js";

const base = "pepnet-rows";

/** Where the folders of private entries are made. */
export function privateFolder(): string {
  return tmpdir();
}

/** Begins an entry for this process alone; throws what the file system throws. */
export function writePrivateEntry(): EntryWriter {
  removeLeftFolders();
  const folder = beginUnfinished(path.join(privateFolder(), base));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
    endUnfinished(folder);
  };
  try {
    mkdirSync(folder, { mode: 0o700 });
    const file = path.join(folder, "rows");
    const writer = new BlockWriter(file);
    return {
      writer,
      keep() {
        const opened = new BlockFile(file);
        remove();
        return opened;
      },
      discard() {
        writer.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Removes folders that this user's processes left when they were killed. */
function removeLeftFolders(): void {
  const parent = privateFolder();
  const left = readdirSync(parent).filter((name) => isPassing(name, "unfinished", base));
  for (const name of left) {
    const folder = path.join(parent, name);
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (!stats?.isDirectory() || stats.uid !== ownId()) continue;
    const written = [folder, ...readdirSync(folder).map((file) => path.join(folder, file))].map(
      (place) => lstatSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0,
    );
    if (Date.now() - Math.max(...written) > leftMillis) rmSync(folder, { recursive: true, force: true });
  }
}

function ownId(): number {
  return process.getuid?.() ?? userInfo().uid;
}
