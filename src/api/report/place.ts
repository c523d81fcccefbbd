/** The file of a page: a new file or an existing report. */
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { DataError } from "../../errors/index.js";
import { bytesAt } from "../../util/atomic/cache-files.js";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { kindOfFile } from "../../util/files/read-whole.js";

/** Number of bytes at the start of a page that contain its marker. */
const START_BYTES = 1024;

/** Allows overwriting a report, for cells that run again; other files are protected unless `overwrite` is set. */
export async function assertPlace(file: string, overwrite = false): Promise<void> {
  if (overwrite) return;
  const info = await stat(file).catch(() => null);
  if (info === null) return;
  const { reportMark: mark } = await import("../../report/index.js");
  const isReport = info.isFile() && bytesAt(file, 0, START_BYTES).includes(mark);
  if (isReport) return;
  throw new DataError({
    path: file,
    message: "the path exists and is not a report",
    received: info.isFile() ? "a file that is not a report" : kindOfFile(info),
    expected: "a new path, or an earlier report",
    fix: info.isFile() ? "use another path, or overwrite: true" : "use the path of a file",
  });
}

/** Writes a page atomically: readers never see a partial file. */
export async function writePage(file: string, html: string): Promise<void> {
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    await writeFileWhole(file, html);
  } catch (cause) {
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new DataError({ path: file, message: "cannot write the report", received, fix }, { cause });
  }
}
