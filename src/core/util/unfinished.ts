/** Flushes files to disk, so that a power failure after a rename does not leave an empty file under the new name. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { attempt } from "./turns.js";

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

export const checksumsFile = "checksums.sha256";

/** SHA-256 by file name. */
export type Manifest = ReadonlyMap<string, string>;

export function manifestText(sums: Manifest): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

/** Parses a list; `null` unless every line has a plain, unique file name. */
export function parseManifest(text: string): Manifest | null {
  const sums = new Map<string, string>();
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const [, sum, name] = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined || sums.has(name)) return null;
    sums.set(name, sum);
  }
  return sums;
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The names in a folder; none if it cannot be read. */
export function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** SHA-256 of a file, in hex; `null` if the file is missing. */
export async function checksumFile(file: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return null;
  }
  return hash.digest("hex");
}

/** Whether a process with this number runs on this system. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The kinds of temporary names: being written, moved out of the way, held as a lock, or found damaged. */
export type Passing = "unfinished" | "replaced" | "held" | "damaged";

/** File names may have 255 bytes; the suffix needs 46. */
const mostBaseBytes = 200;

export function passingPath(target: string, passing: Passing): string {
  const base = shortened(path.basename(path.resolve(target)));
  const nonce = randomBytes(8).toString("hex");
  return path.join(path.dirname(target), `${base}.${passing}-${nonce}${digest(base, passing, nonce)}`);
}

export function isPassing(name: string, passing: Passing, base?: string): boolean {
  const [, target, nonce, proof] = new RegExp(`^(.*)\\.${passing}-([0-9a-f]{16})([0-9a-f]{16})$`, "s").exec(name) ?? [];
  if (target === undefined || nonce === undefined || proof !== digest(target, passing, nonce)) return false;
  return base === undefined || target === shortened(base);
}

function digest(base: string, passing: Passing, nonce: string): string {
  return createHash("sha256").update(`pepnet ${passing}\0${base}\0${nonce}`).digest("hex").slice(0, 16);
}

function shortened(base: string): string {
  let short = base;
  while (Buffer.byteLength(short) > mostBaseBytes) short = short.slice(0, -1);
  return short;
}

const begun = new Set<string>();

/** A temporary path beside `target`, removed if the process exits before {@link endUnfinished}. */
export function beginUnfinished(target: string): string {
  if (begun.size === 0) process.on("exit", removeBegun);
  const fresh = passingPath(target, "unfinished");
  begun.add(fresh);
  return fresh;
}

export function endUnfinished(fresh: string): void {
  begun.delete(fresh);
  if (begun.size === 0) process.off("exit", removeBegun);
}

function removeBegun(): void {
  for (const fresh of begun) {
    // If this fails, the next process that writes there removes it.
    attempt(() => rmSync(fresh, { recursive: true, force: true }), undefined);
  }
}
