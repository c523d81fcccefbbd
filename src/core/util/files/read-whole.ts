/** Reads files of others: only regular ones, to a size limit, in chunks so that a signal stops the read. */
import { constants as bufferConstants } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { availableMemory } from "../machine.js";
import { size } from "../text.js";

const MB = 1e6;

export type FileKind = "config" | "list of files" | "text" | "weights";

function mostBytes(kind: FileKind): number {
  if (kind === "config") return 32 * MB; // 10,000 features are 5 MB
  if (kind === "list of files") return MB;
  if (kind === "text") return 500 * MB; // JSON, notebooks, vocabularies: a longer file does not fit into a string
  // Weights fit into one array, and into memory twice: as bytes and as numbers.
  return Math.min(bufferConstants.MAX_LENGTH, Math.floor(availableMemory() / 2));
}

/** A problem with a file, to be rethrown as an error of the caller's class. */
export interface FileProblem {
  readonly message: string;
  readonly received: string;
  readonly expected?: string;
  readonly fix?: string;
}

export class UnreadableFile extends Error {
  readonly problem: FileProblem;
  /** The code of the operating system, such as `ENOENT`; `null` if the file exists but was rejected. */
  readonly code: string | null;

  constructor(problem: FileProblem, cause?: NodeJS.ErrnoException) {
    super(`${problem.message}: ${problem.received}`, { cause });
    this.name = "UnreadableFile";
    this.problem = problem;
    this.code = cause?.code ?? null;
  }
}

/** Bytes of one read, which bounds the delay after an abort. */
const pieceBytes = 16 * MB;

/** Opening a FIFO would block until it has a writer. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** @throws UnreadableFile if it is missing, not a regular file, or too large for its kind; the signal's reason */
export async function readWhole(file: string, kind: FileKind, signal?: AbortSignal): Promise<Buffer> {
  signal?.throwIfAborted();
  const handle = await open(file, flags).catch(refuse);
  try {
    const whole = assertedSize(await handle.stat(), kind);
    const bytes = Buffer.alloc(whole);
    let length = 0;
    while (length < whole) {
      const { bytesRead } = await handle.read(bytes, length, Math.min(pieceBytes, whole - length), length);
      signal?.throwIfAborted();
      if (bytesRead === 0) break; // The file became shorter during the read.
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

export function readWholeSync(file: string, kind: FileKind): Buffer {
  let handle: number;
  try {
    handle = openSync(file, flags);
  } catch (error) {
    return refuse(error);
  }
  try {
    const bytes = Buffer.alloc(assertedSize(fstatSync(handle), kind));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(handle, bytes, length, bytes.length - length, length);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(handle);
  }
}

/** The text of a file, without a byte order mark. */
export async function readText(file: string, kind: FileKind, signal?: AbortSignal): Promise<string> {
  return decodeText(await readWhole(file, kind, signal));
}

export function readTextSync(file: string, kind: FileKind): string {
  return decodeText(readWholeSync(file, kind));
}

/** The problem of an unreadable file, for the caller's error. Rethrows other errors. @param message the failed action */
export function fileProblem(error: unknown, message: string): FileProblem {
  if (!(error instanceof UnreadableFile)) throw error;
  return error.code === null ? error.problem : { ...error.problem, message };
}

export function isMissing(error: unknown): boolean {
  return error instanceof UnreadableFile && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function assertedSize(stats: Stats, kind: FileKind): number {
  if (!stats.isFile()) {
    throw new UnreadableFile({
      message: "not a regular file",
      received: kindOfFile(stats),
      expected: "a file on disk",
      fix: stats.isDirectory() ? "use a file in it" : "write its content to a file first",
    });
  }
  const most = mostBytes(kind);
  if (stats.size <= most) return stats.size;
  throw new UnreadableFile({
    message: "the file is too large",
    received: size(stats.size),
    expected: `at most ${size(most)}`,
    fix: "check that this is the file you mean",
  });
}

export function kindOfFile(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a FIFO (named pipe)";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function refuse(cause: unknown): never {
  const error = cause as NodeJS.ErrnoException;
  throw new UnreadableFile({ message: "cannot be read", received: error.message }, error);
}

function decodeText(bytes: Buffer): string {
  return new TextDecoder().decode(bytes);
}
