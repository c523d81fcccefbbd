/**
 * Reads files of a folder from one write: each is compared with the folder's list. While a folder is being replaced,
 * a reader waits for the new one; if the writer was killed in between, it reads the earlier one.
 */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checksumsFile, type Manifest, parseManifest } from "../../../util/atomic/manifest.js";
import { isPassing } from "../../../util/atomic/unfinished.js";
import { isMissing, readText, readWhole } from "../../../util/files/read-whole.js";
import { cannotRead, damagedFile, damagedList, missingList } from "./errors.js";
import type { FolderKind } from "./kind.js";

/** The number of retries for a folder that is being replaced, */
const patience = 100;
/** and the delay between them. */
const pauseMillis = 20;

/**
 * Reads files of a folder, all from one write.
 * @param optional files that may be missing
 * @throws CheckpointError if the folder, its list or a file is missing, or a file has changed.
 */
export async function readFolder(
  place: string,
  kind: FolderKind,
  required: readonly string[],
  optional: readonly string[] = [],
): Promise<ReadonlyMap<string, Uint8Array>> {
  for (let attempt = 0; ; attempt++) {
    const list = await listText(place, kind);
    const read = await readOnce(place, kind, list, required, optional).catch((error: unknown) => ({ error }));
    if (!("error" in read)) return read;
    const aside = await replacedFolders(place);
    const changing = aside.length > 0 || (await listText(place, kind)) !== list || (await isPartial(place, kind));
    if (attempt >= patience || !changing) throw read.error;
    if (attempt === patience - 1 && aside[0] !== undefined) return readFolder(aside[0], kind, required, optional);
    await sleep(pauseMillis);
  }
}

/** If the folder is missing: earlier versions that were moved away. */
export async function replacedFolders(place: string): Promise<string[]> {
  const [folder, base] = [path.dirname(place), path.basename(place)];
  const names = await readdir(folder).catch(() => [] as string[]);
  if (names.includes(base)) return [];
  return names.filter((name) => isPassing(name, "replaced", base)).map((name) => path.join(folder, name));
}

/** If files are moved one by one, the identifying file is removed first and added last. */
async function isPartial(place: string, { identity }: FolderKind): Promise<boolean> {
  const names = await readdir(place).catch(() => [] as string[]);
  return names.includes(checksumsFile) && !names.includes(identity);
}

async function listText(place: string, kind: FolderKind): Promise<string | null> {
  const file = path.join(place, checksumsFile);
  return readText(file, "list of files").catch((cause: unknown) => {
    if (isMissing(cause)) return null;
    throw cannotRead(file, kind, cause);
  });
}

async function readOnce(
  place: string,
  kind: FolderKind,
  list: string | null,
  required: readonly string[],
  optional: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const sums = list === null ? null : parseManifest(list);
  if (list !== null && sums === null) throw damagedList(place, "lines in another format");
  if (sums === null) await assertUnlisted(place, kind);
  const files = new Map<string, Uint8Array>();
  for (const name of [...required, ...optional]) {
    const file = path.join(place, name);
    const listed = sums?.get(name);
    const bytes = await readWhole(file, kindOfFile(name)).catch((cause: unknown) => {
      if (isMissing(cause) && listed === undefined && optional.includes(name)) return null;
      throw cannotRead(file, kind, cause);
    });
    if (bytes === null) continue;
    if (sums !== null) assertListed(file, bytes, listed);
    files.set(name, bytes);
  }
  return files;
}

function kindOfFile(name: string): "text" | "weights" {
  return /\.(json|md)$/.test(name) ? "text" : "weights";
}

/** @throws CheckpointError for bytes that differ from the list */
export function assertListed(file: string, bytes: Uint8Array, listed: string | undefined): void {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== listed) throw damagedFile(file, `${bytes.byteLength} bytes, SHA-256 ${digest.slice(0, 12)}…`, listed);
}

/** Format version 1 of a folder has no list. Any other folder without a list is damaged. */
async function assertUnlisted(place: string, kind: FolderKind): Promise<void> {
  const file = path.join(place, kind.identity);
  const text = await readText(file, "text").catch((cause: unknown) => {
    throw cannotRead(file, kind, cause);
  });
  if (isUnlistedForm(text, kind)) return;
  throw missingList(place, kind, await readdir(place));
}

/** Whether the identifying file has the format version without a list. */
export function isUnlistedForm(text: string, { format, version, unlistedVersion }: FolderKind): boolean {
  const identity = parsed(text);
  return identity?.["format"] === format && Number(identity[version]) <= unlistedVersion;
}

/** A JSON object; `null` for anything else. */
export function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The list of a folder; `null` if it is missing or invalid. */
export async function readManifest(place: string): Promise<Manifest | null> {
  const text = await readText(path.join(place, checksumsFile), "list of files").catch(() => null);
  return text === null ? null : parseManifest(text);
}
