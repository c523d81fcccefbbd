/** HTML pages on disk: existing pepnet pages may be replaced, other files are protected. */
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { bytesAt } from "../../util/atomic/cache-files.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";

/** The marker at the start of each page. */
export const pageMark = '<meta name="generator" content="pepnet notebook">';

/** Whether a file is a pepnet page. */
export async function isPage(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => null);
  return stats?.isFile() === true && bytesAt(file, 0, 1024).includes(pageMark);
}

/** Throws a NotebookError if another program's file is at the page's path. */
export async function assertPagePlace(file: string): Promise<void> {
  const stats = await stat(file).catch(() => null);
  if (stats === null || (stats.isFile() && stats.size === 0) || (await isPage(file))) return;
  throw new NotebookError({
    path: file,
    message: "the path exists and is not a page of pepnet",
    received: stats.isFile() ? "a file that is not a page of pepnet" : "not a regular file",
    expected: "a new path, or an earlier page",
    fix: "use another path, or move the file",
  });
}

/** Writes a page; creates missing folders. Throws a NotebookError if it cannot. */
export async function writePageFile(file: string, html: string): Promise<void> {
  await assertPagePlace(file);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileWhole(file, html);
  } catch (cause) {
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new NotebookError({ path: file, message: "the page cannot be written", received, fix }, { cause });
  }
}
