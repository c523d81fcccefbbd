/**
 * Errors about a saved folder, each with the path of the file.
 */
import path from "node:path";
import { CheckpointError } from "../../../errors/index.js";
import { checksumsFile, type Manifest } from "../../../util/atomic/manifest.js";
import { fileProblem } from "../../../util/files/read-whole.js";
import type { FolderKind } from "./kind.js";

const otherCopy = "use an earlier checkpoint, or a copy of this one";

/** A file that the operating system or the reader rejected. */
export function cannotRead(file: string, kind: FolderKind, cause: unknown): CheckpointError {
  const problem = fileProblem(cause, `cannot read ${kind.called}`);
  const expected = `a folder written by ${kind.writer}`;
  return new CheckpointError({ path: file, expected, fix: "check the path", ...problem }, { cause });
}

/** Bytes that differ from the list; `listed` is `undefined` if the list does not contain the file. */
export function damagedFile(file: string, received: string, listed: string | undefined): CheckpointError {
  return new CheckpointError({
    path: file,
    message: "the file is damaged: its content has changed since it was written",
    received,
    expected: listed === undefined ? `a file listed in ${checksumsFile}` : `SHA-256 ${listed.slice(0, 12)}…`,
    fix: otherCopy,
  });
}

/** A folder without its list. */
export function missingList(place: string, kind: FolderKind, names: readonly string[]): CheckpointError {
  const whole = kind.files.filter((name) => names.includes(name)).join(" ");
  return new CheckpointError({
    path: path.join(place, checksumsFile),
    message: "the folder is damaged: the list of its files is missing, so its files cannot be verified",
    received: "no such file",
    expected: "the SHA-256 of every file",
    fix: `${otherCopy}; if you know that the files are intact: sha256sum ${whole} > ${checksumsFile}`,
  });
}

/** A list that is invalid, or names missing files. */
export function damagedList(place: string, received: string): CheckpointError {
  return new CheckpointError({
    path: path.join(place, checksumsFile),
    message: "the file is damaged: it is not the list of this folder's files",
    received,
    expected: "a line for each file: its SHA-256 and its name",
    fix: otherCopy,
  });
}

/** Listed names without a file in the folder. */
export function unknownNames(sums: Manifest, kind: FolderKind): readonly string[] {
  return [...sums.keys()].filter((name) => !kind.files.includes(name));
}

const fixes: Readonly<Record<string, string>> = {
  ENOSPC: "free space on that disk, or choose a folder on another one",
  EDQUOT: "free space in your quota, or choose a folder on another disk",
  EROFS: "that disk is read-only: choose a folder elsewhere",
  EACCES: "get write permission there, or choose another folder",
  EPERM: "get write permission there, or choose another folder",
  ENOTDIR: "a part of this path is a file: choose another folder",
};

/** A folder that cannot be written. */
export function cannotWrite(place: string, cause: unknown): CheckpointError {
  if (cause instanceof CheckpointError) return cause;
  const { message, code } = cause as NodeJS.ErrnoException;
  return new CheckpointError(
    {
      path: place,
      message: "cannot save there; the previous content is unchanged",
      received: message,
      fix: fixes[code ?? ""] ?? "check the folder's permissions and the free space",
    },
    { cause },
  );
}

/** A file that must not be replaced, with the reason. */
export interface Strange {
  readonly file: string;
  readonly reason: string;
}

/** Further files are counted. */
const mostNamed = 5;

/** Rejects replacing files that this project did not write. */
export function strangersError(strange: readonly Strange[], kind: FolderKind): CheckpointError {
  const more = strange.length - mostNamed;
  return new CheckpointError(
    strange.slice(0, mostNamed).map(({ file, reason }, index) => ({
      path: file,
      message: `${reason}; nothing was overwritten`,
      ...(index === mostNamed - 1 && more > 0 ? { received: `this file and ${more} more` } : {}),
      expected: `a new folder, or one written by ${kind.writer}`,
      fix: "move the file elsewhere, or choose another folder",
    })),
  );
}
