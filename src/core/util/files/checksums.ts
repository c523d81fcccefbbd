/** Lists of SHA-256 checksums, which prove that a folder's files are as pepnet wrote them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

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

/** The names in a folder; empty if it cannot be read. */
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
