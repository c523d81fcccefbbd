/** Pages on disk: one of ours may be written anew, another file at its path is not lost. */
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { bytesAt } from "../../util/atomic/cache-files.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";

/** What begins each page, so that it is known by its content. */
export const pageMark = '<meta name="generator" content="pepnet notebook">';

/** Whether a file is a page of ours. */
export async function isPage(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => null);
  return stats?.isFile() === true && bytesAt(file, 0, 1024).includes(pageMark);
}

/** Throws a NotebookError where another program's file is at a page's path. */
export async function assertPagePlace(file: string): Promise<void> {
  const stats = await stat(file).catch(() => null);
  if (stats === null || (stats.isFile() && stats.size === 0) || (await isPage(file))) return;
  throw new NotebookError({
    path: file,
    message: "there is something else at this path, which the page would replace",
    received: stats.isFile() ? "a file that is not a page of pepnet" : "not a regular file",
    expected: "a new path, or an earlier page",
    fix: "name another path, or move the file elsewhere",
  });
}

/** Writes a page, and the folders on the way. Throws a NotebookError where it cannot. */
export async function writePageFile(file: string, html: string): Promise<void> {
  await assertPagePlace(file);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileWhole(file, html);
  } catch (cause) {
    const received = (cause as Error).message;
    const fix = "check the folder's rights and the free space";
    throw new NotebookError({ path: file, message: "the page cannot be written", received, fix }, { cause });
  }
}
