/** Writes pages to disk. A page replaces only an earlier one of its kind, or an empty file. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { DataError, NotebookError } from "../../core/errors/index.js";
import { makeFolders } from "../../core/util/files/make-folders.js";
import { kindOfFile } from "../../core/util/files/read-whole.js";
import { bytesAt, writeFileWhole } from "../../core/util/write-whole.js";

interface PageKind {
  readonly name: string;
  /** A text in the first kilobyte of each page of the kind. */
  readonly mark: string;
  readonly Failure: typeof DataError;
  readonly fix: string;
}

const generator = (name: string): string => `<meta name="generator" content="pepnet ${name}">`;

export const reportFile: PageKind = {
  name: "report",
  mark: generator("report"),
  Failure: DataError,
  fix: "use another path, or overwrite: true",
};

export const notebookFile: PageKind = {
  name: "page",
  mark: generator("notebook"),
  Failure: NotebookError,
  fix: "use another path, or move the file",
};

export async function assertPagePlace(file: string, { name, mark, Failure, fix }: PageKind): Promise<void> {
  const info = await stat(file).catch(() => null);
  if (info === null || (info.isFile() && (info.size === 0 || bytesAt(file, 0, 1024).includes(mark)))) return;
  throw new Failure({
    path: file,
    message: `the path exists and is not a ${name} of pepnet`,
    received: info.isFile() ? `a file that is not a ${name} of pepnet` : kindOfFile(info),
    expected: `a new path, or an earlier ${name}`,
    fix: info.isFile() ? fix : "use the path of a file",
  });
}

/** Writes a page atomically: readers never see a partial file. */
export async function writePageFile(file: string, html: string, { name, Failure }: PageKind): Promise<void> {
  try {
    makeFolders(path.dirname(path.resolve(file)));
    await writeFileWhole(file, html);
  } catch (cause) {
    const received = (cause as Error).message;
    const fix = "check the folder's permissions and the free space";
    throw new Failure({ path: file, message: `cannot write the ${name}`, received, fix, cause });
  }
}
