/**
 * A folder that is written as a whole and read as a whole. `checksums.sha256` lists its files as `sha256sum` does (so
 * `sha256sum -c` checks it); the folder is written beside its place and moved there in one rename. While an earlier one
 * is being replaced, a reader waits for the new one; where the writer was killed in between, it reads the earlier one.
 */
import { createHash, type Hash } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckpointError } from "../../errors/index.js";
import { fileProblem, isMissing, readText, readWhole } from "../../util/read-whole.js";

/** A file's content: text, or bytes piece by piece, so that large arrays are not copied. */
export type FileContent = string | Iterable<Uint8Array>;

/** The file that lists the others. */
export const checksumsFile = "checksums.sha256";

let writes = 0;

/**
 * Writes a folder; one that is there is replaced as a whole.
 *
 * @throws CheckpointError where it cannot be written; what was there before is there still.
 */
export async function writeFolder(place: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  const unique = `${process.pid}-${writes++}`;
  const fresh = `${place}.writing-${unique}`;
  try {
    await mkdir(fresh, { recursive: true });
    const sums: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      sums.push(`${await writeHashed(path.join(fresh, name), content)}  ${name}\n`);
    }
    await writeHashed(path.join(fresh, checksumsFile), sums.join(""));
    await takePlace(fresh, place, `${place}.replaced-${unique}`);
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw cannotWrite(place, cause as NodeJS.ErrnoException);
  }
}

/**
 * Reads files of a folder that {@link writeFolder} wrote, all of one write.
 *
 * @param optional files that need not be there
 * @throws CheckpointError where the folder or a file is missing, or a file is not what was written.
 */
export async function readFolder(
  place: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Promise<ReadonlyMap<string, Uint8Array>> {
  for (let attempt = 0; ; attempt++) {
    const sums = await checksums(place);
    const read = await readOnce(place, sums, required, optional).catch((error: unknown) => ({ error }));
    const replaced = (await checksums(place)) !== sums;
    if (!("error" in read)) {
      if (sums !== null || !replaced) return read;
    } else {
      const aside = sums === null ? await besides(place, "replaced") : [];
      if (attempt >= patience || (!replaced && aside.length === 0)) throw read.error;
      if (attempt === patience - 1 && aside[0] !== undefined) return readFolder(aside[0], required, optional);
    }
    await sleep(20);
  }
}

/** Looks so often for a folder that is being replaced. */
const patience = 25;

/** Whether there is a run: a folder that was written whole, in this form or the first. */
export async function isFolder(place: string): Promise<boolean> {
  return isWhole(await readdir(place).catch(() => [] as string[]));
}

/** Whether these are the files of one. */
export function isWhole(names: readonly string[]): boolean {
  return names.includes(checksumsFile) || names.includes("run.json");
}

/**
 * Tidies up after a process that was killed while it wrote: an earlier folder that was moved aside comes back where
 * nothing took its place, and halves are removed. No other process may be writing there.
 */
export async function recoverFolder(place: string): Promise<void> {
  const aside = await besides(place, "replaced");
  const there = (await readdir(path.dirname(place)).catch(() => [] as string[])).includes(path.basename(place));
  if (!there && aside[0] !== undefined) await rename(aside[0], place);
  for (const half of [...(await besides(place, "writing")), ...(await besides(place, "replaced"))]) {
    await rm(half, { recursive: true, force: true });
  }
}

/** Folders that a write of this one left beside it. */
async function besides(place: string, kind: "writing" | "replaced"): Promise<string[]> {
  const names = await readdir(path.dirname(place)).catch(() => [] as string[]);
  const own = names.filter((name) => name.startsWith(`${path.basename(place)}.${kind}-`) && /-\d+$/.test(name));
  return own.map((name) => path.join(path.dirname(place), name));
}

async function writeHashed(file: string, content: FileContent): Promise<string> {
  const hash: Hash = createHash("sha256");
  const handle = await open(file, "w");
  try {
    for (const piece of typeof content === "string" ? [Buffer.from(content)] : content) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

/** Another process may put a folder there between the two renames: then that one is moved aside as well. */
async function takePlace(fresh: string, place: string, aside: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const replaced = await rename(place, aside).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return false;
      },
    );
    try {
      await rename(fresh, place);
    } catch (error) {
      const taken = ["ENOTEMPTY", "EEXIST", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (replaced) await rename(aside, place).catch(() => rm(aside, { recursive: true, force: true }));
      if (taken && attempt < 10) continue;
      throw error;
    }
    if (replaced) await rm(aside, { recursive: true, force: true });
    return;
  }
}

async function checksums(place: string): Promise<string | null> {
  const file = path.join(place, checksumsFile);
  return readText(file, "list of files").catch((cause: unknown) => {
    if (isMissing(cause)) return null;
    throw cannotRead(file, cause);
  });
}

async function readOnce(
  place: string,
  sums: string | null,
  required: readonly string[],
  optional: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const known = new Map(sums?.split("\n").map((line) => [line.slice(66), line.slice(0, 64)]));
  const files = new Map<string, Buffer>();
  for (const name of [...required, ...optional]) {
    const file = path.join(place, name);
    const listed = known.get(name);
    // The first form of a saved run had no checksums.
    if (sums !== null && listed === undefined && optional.includes(name)) continue;
    const kind = name.endsWith(".json") ? "text" : "weights";
    const bytes = await readWhole(file, kind).catch((cause: unknown) => {
      if (isMissing(cause) && sums === null && optional.includes(name)) return null;
      throw cannotRead(file, cause);
    });
    if (bytes === null) continue;
    if (sums !== null) assertSame(file, bytes, listed);
    files.set(name, bytes);
  }
  return files;
}

function assertSame(file: string, bytes: Buffer, listed: string | undefined): void {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === listed) return;
  throw new CheckpointError({
    path: file,
    message: "the file is damaged: it is not what was written",
    received: `${bytes.byteLength} bytes, SHA-256 ${found.slice(0, 12)}…`,
    expected: listed === undefined ? `a file listed in ${checksumsFile}` : `SHA-256 ${listed.slice(0, 12)}…`,
    fix: "take an earlier checkpoint, or a copy of this one",
  });
}

function cannotRead(file: string, cause: unknown): CheckpointError {
  const expected = "a folder that run.save() or a training wrote";
  const problem = fileProblem(cause, "cannot read the run");
  return new CheckpointError({ path: file, expected, fix: "check the path", ...problem }, { cause });
}

const fixes: Readonly<Record<string, string>> = {
  ENOSPC: "free space on that disk, or choose a folder on another one",
  EDQUOT: "free space in your quota, or choose a folder on another disk",
  EROFS: "that disk is read-only: choose a folder elsewhere",
  EACCES: "give yourself the right to write there, or choose another folder",
  EPERM: "give yourself the right to write there, or choose another folder",
  ENOTDIR: "a part of this path is a file: choose another folder",
};

function cannotWrite(place: string, cause: NodeJS.ErrnoException): CheckpointError {
  return new CheckpointError(
    {
      path: place,
      message: "cannot save there; what was there before was left as it was",
      received: cause.message,
      fix: fixes[cause.code ?? ""] ?? "check the folder's rights and the free space",
    },
    { cause },
  );
}
