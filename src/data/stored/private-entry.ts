/**
 * Encoded rows that must be on disk but are not cached: a file in a separate folder in the system's temporary
 * directory, which any user can write to. The folder's name is random and the folder is always new, so no other user
 * can prepare it or replace it by a link, and only this user can enter it. It is removed as soon as the file is
 * open.
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

/** The parent of the folders of private entries. */
export function privateFolder(): string {
  return tmpdir();
}

/** Starts an entry for this process only; throws file system errors. */
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

/** Removes folders left by killed processes of this user. */
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
